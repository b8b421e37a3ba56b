import { describe, expect, it } from 'vitest';
import { decisionOf, withDecision } from '../../../webview/panel/data/decisions';

const group = { kind: 'exact', group: 7, records: [9, 12], decision: null } as const;
const other = { kind: 'numeric', group: 7, records: [20], decision: 'keep' } as const;

describe('decisions about groups of duplicates', () => {
  it('name the records that were seen, and replace the one before', () => {
    const once = withDecision(undefined, group, 'keep');
    expect(once).toEqual([{ kind: 'exact', group: 7, records: [9, 12], decision: 'keep' }]);
    expect(withDecision(once, group, 'forget')).toEqual([{ kind: 'exact', group: 7, records: [9, 12], decision: 'forget' }]);
    expect(withDecision(once, other, 'forget')).toHaveLength(2);
  });

  it('are taken back, the list with the last of them', () => {
    const both = withDecision(withDecision(undefined, group, 'keep'), other, 'forget');
    expect(withDecision(both, other, '')).toEqual(withDecision(undefined, group, 'keep'));
    expect(withDecision(withDecision(undefined, group, 'keep'), group, '')).toBeUndefined();
  });

  it('are read from the list, also where it names the group alone', () => {
    expect(decisionOf([{ kind: 'exact', group: 7, decision: 'keep' }], group)).toBe('keep');
    expect(decisionOf([{ kind: 'exact', group: 7, records: [9], decision: 'keep' }], group)).toBe('');
    expect(decisionOf([{ kind: 'exact', group: 7, decision: null }], group)).toBe('');
    expect(decisionOf('decisions.json', group)).toBe('');
  });
});
