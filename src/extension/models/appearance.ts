import { l10n, ThemeColor } from 'vscode';
import type { CertificateState } from './model-state';

/** How a state looks wherever it is shown: in words, as an icon of a tree, as a badge of the explorer. */
export interface Appearance {
  readonly text: string;
  readonly icon: string;
  readonly badge: string;
  readonly color: ThemeColor | undefined;
}

export function appearanceOf(state: CertificateState): Appearance {
  switch (state) {
    case 'none': return { text: l10n.t('no certificate'), icon: 'circle-outline', badge: '', color: undefined };
    case 'certified': return { text: l10n.t('certified'), icon: 'verified-filled', badge: '✓', color: new ThemeColor('testing.iconPassed') };
    case 'changed': return { text: l10n.t('changed since it was certified'), icon: 'warning', badge: '!', color: new ThemeColor('list.warningForeground') };
    case 'invalid': return { text: l10n.t('certificate invalid'), icon: 'error', badge: '✗', color: new ThemeColor('list.errorForeground') };
    case 'unknown': return { text: l10n.t('certificate by an unknown key'), icon: 'question', badge: '?', color: new ThemeColor('list.warningForeground') };
  }
}
