import { strict as assert } from 'node:assert';
import type { Frame } from 'playwright-core';
import { audit } from './audit';
import { step } from './step';
import { themes, type Workbench } from './workbench';

/** Every theme, wide and narrow: nothing for axe-core to find, nothing cut off. */
export async function inspectPage(workbench: Workbench, name: string, frame: Frame): Promise<void> {
  for (const theme of themes) {
    await step(`${name}: nothing for axe-core to find in ${theme}`, async () => {
      await workbench.theme(theme);
      assert.deepEqual(await audit(frame), []);
      await frame.evaluate('window.scrollTo(0, 0)');
      await workbench.screenshot(`${name}-${theme}`);
    });
  }
  await step(`${name}: nothing is cut off in a narrow window`, async () => {
    await workbench.command('View: Close Primary Side Bar');
    for (const width of [700, 350]) {
      await pageOf(workbench, frame, width);
      assert.deepEqual(await cutOff(frame), []);
      for (const part of [0, 0.25, 0.5, 0.75, 1]) {
        await frame.evaluate(`window.scrollTo(0, ${part} * document.body.scrollHeight)`);
        await workbench.screenshot(`${name}-${width}-${100 * part}`);
      }
    }
    await frame.evaluate('window.scrollTo(0, 0)');
    await workbench.page.setViewportSize({ width: 1500, height: 1000 });
    await workbench.command('View: Toggle Primary Side Bar Visibility');
  });
}

/** Makes the window so narrow that its page is of a width; the page follows a moment later. */
async function pageOf(workbench: Workbench, frame: Frame, width: number): Promise<void> {
  const widthNow = async (): Promise<number> => Number(await frame.evaluate('document.documentElement.clientWidth'));
  const end = Date.now() + 30_000;
  while ((await widthNow()) !== width) {
    assert.ok(Date.now() < end, `the page is ${await widthNow()} pixels wide, not ${width}`);
    const viewport = workbench.page.viewportSize() ?? { width: 1500, height: 1000 };
    await workbench.page.setViewportSize({ ...viewport, width: viewport.width + width - (await widthNow()) });
    await frame.waitForTimeout(200);
  }
}

/** What reaches beyond the page, but for what scrolls by itself; and the page, if it scrolls sideways. */
export async function cutOff(frame: Frame): Promise<readonly string[]> {
  return frame.evaluate<string[]>(`[
    ...[...document.querySelectorAll('main *')]
      .filter((element) => element.closest('.scrolling, .wide, .picture') === null && element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      .map((element) => element.tagName + '.' + element.className + ': ' + element.textContent.slice(0, 60)),
    ...(document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['the page scrolls sideways'] : []),
  ]`);
}
