import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const places = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser that shows the workbench: $CHROMIUM, one that is installed, or Debian's, installed here when that is possible. */
export function chromium(log: (line: string) => void = console.log): string {
  const found = (): string | undefined => places.find((place) => place !== undefined && existsSync(place));
  const present = found();
  if (present !== undefined) return present;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    log('Installing chromium (apt-get), once …');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const installed = found();
    if (installed !== undefined) return installed;
  }
  throw new Error('no Chromium found: install it (Debian: apt-get install chromium) or give its path in $CHROMIUM');
}
