import { downloadAndUnzipVSCode } from '@vscode/test-electron';

/** Desktop VS Code where it can be had: its vendor's server answers, and there is a screen to open it on. */
export async function desktopVSCode(): Promise<string | undefined> {
  if (process.platform === 'linux' && process.env['DISPLAY'] === undefined) return undefined; // under xvfb-run there is one
  try {
    await fetch('https://update.code.visualstudio.com/api/releases/stable', { method: 'HEAD', signal: AbortSignal.timeout(3000) });
  } catch {
    return undefined;
  }
  return downloadAndUnzipVSCode();
}
