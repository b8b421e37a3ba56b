import axe from 'axe-core';
import type { Frame } from 'playwright-core';

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe-core finds wrong with a page, as lines for people; empty if nothing. */
export async function audit(frame: Frame): Promise<readonly string[]> {
  // Through the debugger, since the page's own policy rightly forbids foreign scripts.
  await frame.evaluate(axe.source);
  const violations = await frame.evaluate<readonly Violation[]>('axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)');
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html, failureSummary }) => `${id} (${help}): ${html.slice(0, 160)}\n    ${failureSummary.replace(/\n\s*/g, ' ')}`));
}
