import { describe, expect, it } from 'vitest';
import { complete, sqlName } from '../../../webview/panel/data/completion';

const column = (name: string, type: string, numeric: boolean, values?: readonly string[]): Parameters<typeof complete>[1][number] => ({ name, type, numeric, samples: ['1', '', '2'], ...(values === undefined ? {} : { statistics: { empty: 0, distinct: values.length, values } }) });
const columns = [column('contributor', 'VARCHAR', false, ['c1', 'c17', `o'neil`]), column('age', 'BIGINT', true, ['30', '40']), column('first name', 'VARCHAR', false), column('order', 'BIGINT', true), column('année', 'BIGINT', true)];

/** The condition that each suggestion would make. */
const offered = (text: string): readonly string[] => {
  const { from, suggestions } = complete(text, columns);
  return suggestions.map((suggestion) => text.slice(0, from) + suggestion.text);
};

describe('the completion of a condition', () => {
  it('begins with the columns, quoted where SQL needs it, and words', () => {
    expect(offered('')).toEqual(['contributor', 'age', '"first name"', '"order"', 'année', 'not', 'case', 'lower(', 'date ', 'exists (']);
  });

  it('narrows to what is typed, whatever its case', () => {
    expect(offered('con')).toEqual(['contributor']);
    expect(offered('AG')).toEqual(['age']);
    expect(offered('age = 30 and fir')).toEqual(['age = 30 and "first name"']);
    expect(offered('"fi')).toEqual(['"first name"']);
    expect(offered('"ag')).toEqual(['"age"']);
    expect(offered('ann')).toEqual(['année']);
  });

  it('offers operators behind a column', () => {
    expect(offered('contributor ')).toContain('contributor in (');
    expect(offered('contributor i')).toEqual(['contributor in (', 'contributor is null', 'contributor is not null']);
    expect(offered('"first name" ')).toContain('"first name" like');
  });

  it('offers values of the column that is compared, as SQL writes them', () => {
    expect(offered('contributor = ')).toEqual([`contributor = 'c1'`, `contributor = 'c17'`, `contributor = 'o''neil'`, 'contributor = contributor', 'contributor = age', 'contributor = "first name"', 'contributor = "order"', 'contributor = année']);
    expect(offered(`contributor = 'c1`)).toEqual([`contributor = 'c1'`, `contributor = 'c17'`]);
    expect(offered('age > 3')).toEqual(['age > 30']);
    expect(offered('"order" = ')).toContain('"order" = 1');
  });

  it('offers values in the brackets of in, one after the other', () => {
    expect(offered('contributor in (').slice(0, 2)).toEqual([`contributor in ('c1'`, `contributor in ('c17'`]);
    expect(offered(`contributor not in ('c1', 'c17`)).toEqual([`contributor not in ('c1', 'c17'`]);
    expect(offered(`contributor in ('c1' `)).toEqual([`contributor in ('c1' and`, `contributor in ('c1' or`]);
  });

  it('joins comparisons that are complete', () => {
    expect(offered(`contributor = 'c1' `)).toEqual([`contributor = 'c1' and`, `contributor = 'c1' or`]);
    expect(offered(`contributor = 'c1' o`)).toEqual([`contributor = 'c1' or`]);
    expect(offered('age is null ')).toEqual(['age is null and', 'age is null or']);
    expect(offered('age = age ')).toEqual(['age = age and', 'age = age or']);
  });

  it('is silent in texts of columns it does not know, and of functions', () => {
    expect(offered(`lower(contributor) = 'c`)).toEqual([]);
    expect(offered(`'some text`)).toEqual([]);
  });

  it('survives whatever is typed', () => {
    for (const text of ['(((', ')', '= =', `''''`, '"""', 'in (', '😀', '--', ' \n\t', 'age = .5']) expect(() => complete(text, columns)).not.toThrow();
  });
});

describe('a name in SQL', () => {
  it.each([['age', 'age'], ['first name', '"first name"'], ['a"b', '"a""b"'], ['select', '"select"'], ['2x', '"2x"'], ['größe', 'größe']])('%s is written %s', (name, written) => expect(sqlName(name)).toBe(written));
});
