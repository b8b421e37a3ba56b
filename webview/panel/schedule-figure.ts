import { csvFile, pngFile, svgFile } from '../chart/export';
import type { Schedule } from '../chart/schedule';
import { ScheduleChart } from '../chart/schedule-chart';
import { scheduleTable } from '../chart/schedule-table';
import { button } from '../controls';
import { element } from '../dom';
import { t } from '../l10n';
import { ComparisonChoice, scheduleOf } from './comparison-choice';
import { CurveEditor, shapedMethod } from './curve-editor';
import { PointsTable } from './points-table';
import type { PanelActions, PanelState, Section } from './state';

/** The chart of the schedule with all that can be done to it: moving its points, typing them, comparing, saving what is seen. */
export function scheduleFigure(actions: PanelActions): Section {
  const figure = new ScheduleChart();
  const editors = [new CurveEditor('sigma', actions), new CurveEditor('learningRate', actions)];
  const typed = editors.map((editor) => new PointsTable(editor));
  const tables = element('div', { class: 'row' }, ...typed.map((table) => table.element));
  const rows = element('div');
  const details = element('details', {}, element('summary', {}, t('As a table')), tables, rows);
  const choice = new ComparisonChoice(() => draw());
  let current: Schedule | undefined;
  let shaped = false;
  let pinned = false;
  const draw = (): void => {
    if (current !== undefined) figure.update(current, choice.current, shaped ? editors : []);
  };
  const drawTables = (): void => {
    if (!details.open || current === undefined) return;
    tables.hidden = !shaped;
    if (shaped) for (const table of typed) table.update();
    rows.replaceChildren(scheduleTable(current));
  };
  details.addEventListener('toggle', drawTables);
  const save = (name: string, content: () => string | Uint8Array | Promise<Uint8Array>) => (): void => {
    void Promise.resolve(content()).then((bytes) => actions.send({ type: 'save', name, base64: base64(bytes) }));
  };
  const pin = button(t('Pin for Comparison'), () => {
    pinned = !pinned;
    pin.textContent = pinned ? t('Unpin') : t('Pin for Comparison');
    choice.pin(pinned ? current : undefined);
  }, { secondary: true });
  const tools = element('div', { class: 'buttons' }, pin,
    button(t('Save as SVG'), save('noise-schedule.svg', () => (figure.chart === undefined ? '' : svgFile(figure.chart))), { secondary: true }),
    button(t('Save as PNG'), save('noise-schedule.png', () => (figure.chart === undefined ? '' : pngFile(figure.chart))), { secondary: true }),
    button(t('Save as CSV'), save('noise-schedule.csv', () => csvFile(figure.shown, choice.current)), { secondary: true }));
  const hint = element('p', { class: 'help' }, t('Drag the points, or move them with the arrow keys; a double click adds one. Control and the wheel zoom, as does dragging across a range.'));
  const place = element('div', { class: 'schedule' }, choice.element, figure.element, hint, tools, details);
  return {
    element: place,
    update: (state: PanelState) => {
      const { plan } = state;
      for (const editor of editors) editor.update(state);
      choice.update(state);
      const empty = plan === undefined || plan.schedule.length === 0;
      place.hidden = empty;
      if (empty) return;
      shaped = shapedMethod(state) !== undefined;
      hint.hidden = !shaped;
      current = scheduleOf(plan);
      draw();
      drawTables();
    },
  };
}

function base64(content: string | Uint8Array): string {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
