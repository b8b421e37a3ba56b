import type { Host } from './host';

/** Shows a page, asks the host for what belongs on it, and scrolls to where the reader was before it was hidden, as soon as it is high enough again. */
export function begin<P extends { hears: unknown; says: { readonly type: 'ready' } | { readonly type: string }; remembers: { scroll: number } }>(page: HTMLElement, host: Host<P>): void {
  document.body.append(page);
  window.addEventListener('scroll', () => host.remember({ scroll: window.scrollY }), { passive: true });
  const { scroll } = host.state;
  if (scroll !== undefined && scroll > 0) scrollOnce(page, scroll);
  host.send({ type: 'ready' });
}

/** Whoever scrolls before has gone elsewhere. */
function scrollOnce(page: HTMLElement, to: number): void {
  const growth = new ResizeObserver(() => {
    if (document.documentElement.scrollHeight - window.innerHeight < to) return;
    end();
    window.scrollTo(0, to);
  });
  const end = (): void => {
    growth.disconnect();
    for (const event of ['wheel', 'keydown', 'pointerdown']) window.removeEventListener(event, end);
  };
  for (const event of ['wheel', 'keydown', 'pointerdown']) window.addEventListener(event, end, { passive: true });
  growth.observe(page);
}
