import { provideVSCodeDesignSystem, vsCodeButton, vsCodeDropdown, vsCodeOption, vsCodeTextField } from '@vscode/webview-ui-toolkit';
import { element } from './dom';

// The toolkit is an archived package: this is the only module that knows it, and it registers only what is used.
provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeDropdown(), vsCodeOption(), vsCodeTextField());

/** An input of one of the kinds below: a value as text, and the events `input` (each change) and `change` (done). */
export interface ValueControl extends HTMLElement {
  value: string;
  disabled: boolean;
}

export interface ButtonControl extends HTMLElement {
  disabled: boolean;
}

export function textField({ label, placeholder }: { label: string; placeholder?: string }): ValueControl {
  // The toolkit names a field by its text and, where it has none, `Text field`, whatever its aria-label says.
  return element('vscode-text-field', { placeholder }, element('span', { hidden: true }, label)) as ValueControl;
}

export function dropdown({ label, options }: { label: string; options: readonly (readonly [value: string, text: string])[] }): ValueControl {
  return element('vscode-dropdown', { 'aria-label': label }, ...options.map(([value, text]) => element('vscode-option', { value }, text))) as ValueControl;
}

export function button(text: string, onClick: () => void, { secondary = false, label }: { secondary?: boolean; label?: string } = {}): ButtonControl {
  const control = element('vscode-button', { appearance: secondary ? 'secondary' : 'primary', 'aria-label': label }, text) as ButtonControl;
  control.addEventListener('click', onClick);
  return control;
}
