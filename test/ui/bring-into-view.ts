import type { Locator } from 'playwright-core';

/**
 * Scrolls to what the locator finds, once it is there. Pages draw parts of themselves anew whenever something that they show changes;
 * Playwright's own scrolling first waits for an element to stand still, and fails where another takes its place meanwhile.
 */
export function bringIntoView(target: Locator): Promise<void> {
  return target.evaluate((element: { scrollIntoView(options: { readonly block: string }): void }) => element.scrollIntoView({ block: 'center' }));
}
