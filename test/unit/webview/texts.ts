import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../../..');

/** The TypeScript files under folders of the repository, or such files themselves. */
export function sources(...places: readonly string[]): readonly string[] {
  return places.flatMap((place) => (place.endsWith('.ts') ? [place] : readdirSync(join(root, place), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => `${place}/${file}`)));
}

export function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
}

export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  node.forEachChild((child) => visit(child, see));
}

/** The texts that an expression can be, with `{0}`, `{1}` … where values stand; empty for what is not written out. */
export function textsOf(node: ts.Expression | undefined): readonly string[] {
  if (node === undefined) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) return [node.head.text + node.templateSpans.map(({ literal }, index) => `{${index}}${literal.text}`).join('')];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return textsOf(node.expression);
  return [];
}

/** Whether people would read it: it has words. */
export function isProse(text: string): boolean {
  return /\p{L}{2,}[^\p{L}]* \(?\p{L}/u.test(text) || /^\p{Lu}\p{Ll}+/u.test(text);
}

/** The texts that pages give to `t` and `plural`. */
export function pageTexts(): Set<string> {
  const found = new Set<string>();
  for (const file of sources('webview')) {
    visit(parse(file), (node) => {
      if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return;
      const texts = node.expression.text === 't' ? node.arguments.slice(0, 1) : node.expression.text === 'plural' ? node.arguments.slice(1, 3) : [];
      for (const text of texts.flatMap(textsOf)) found.add(text);
    });
  }
  return found;
}

/** The texts of what is printed: each is given to a language's `t` or `plural`. */
export function printedTexts(): Set<string> {
  const found = new Set<string>();
  for (const file of sources('src/certificate')) {
    visit(parse(file), (node) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression) || node.expression.expression.getText() !== 'language') return;
      const texts = node.expression.name.text === 't' ? node.arguments.slice(0, 1) : node.expression.name.text === 'plural' ? node.arguments.slice(1, 3) : [];
      for (const text of texts.flatMap(textsOf)) found.add(text);
    });
  }
  return found;
}

/** Names of attributes and classes, of DOM and of protocol, which only look like texts. */
const technical = new Set(['class', 'viewBox', 'transform', 'd', 'role', 'type', 'style', 'name', 'format', 'media', 'sql']);

/** Texts in the pages that are not given to `t`, `told` or `plural`, with their places. */
export function bareTexts(file: string): readonly string[] {
  const found: string[] = [];
  const source = parse(file);
  const look = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isThrowStatement(node)) return;
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && ['t', 'told', 'plural'].includes(node.expression.text)) {
      node.arguments.filter((argument) => textsOf(argument).length === 0).forEach(look);
      return;
    }
    if (ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node)) {
      const name = ts.isIdentifier(node.name) || ts.isStringLiteral(node.name) ? node.name.text : '';
      if (!technical.has(name) && node.initializer !== undefined) look(node.initializer);
      return;
    }
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      for (const text of textsOf(node)) if (isProse(text) && !keys.has(text) && !products.has(text)) found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${text}`);
    }
    node.forEachChild(look);
  };
  look(source);
  return found;
}

/** As `KeyboardEvent.key` names them. */
const keys = new Set(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End', 'Enter', 'Escape', 'Delete', 'Insert', 'Backspace', 'Tab']);

/** Called so in every language. */
const products = new Set(['ONNX Runtime', 'TensorFlow.js', 'Adam']);

/** Where sentences are made that pages show by `told`: every text there that people would read. */
const tellers = [
  'src/certificate/describe.ts', 'src/certificate/limits.ts', 'src/certificate/execution.ts', 'src/certificate/verify.ts', 'src/certificate/open-bundle.ts', 'src/certificate/consistency.ts',
  'src/certificate/accounting.ts', 'src/run/compose-statement.ts', 'src/run/coverage.ts', 'src/run/certified-tensors.ts', 'src/run/assumptions.ts', 'src/run/limits-of-run.ts', 'src/run/words-of-method.ts', 'src/plan/advice.ts',
];
/** Words that certificates use alone: in the source nothing tells them from names. */
const words = ['matches', 'different', 'missing', 'extra', 'enforced', 'stated', 'zero'];
/** Where problems and plans are made that the panel works out for itself. */
const planners = ['src/plan', 'src/privacy', 'src/request'];

/** Errors have all their texts followed by a test of their own. */
function isError(node: ts.Node): boolean {
  return ts.isNewExpression(node) && /^(User|Privacy)Error$/.test(node.expression.getText());
}

/** The sentences that pages show by `told`, one by one, but for those of errors. */
export function toldSentences(): Set<string> {
  const found = new Set<string>(words);
  const add = (text: string): void => {
    // What is appended after a sentence is a sentence of its own.
    for (const sentence of text.replace(/(?<=[.!?])(\{\d+\})+$/, '').trim().split(/(?<=[.!?])(?:\{\d+\})+ /)) if (/\p{L}{2}/u.test(sentence)) found.add(sentence);
  };
  for (const file of tellers) {
    const look = (node: ts.Node): void => {
      if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isThrowStatement(node) || isError(node)) return;
      if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) textsOf(node).filter(isProse).forEach(add);
      node.forEachChild(look);
    };
    look(parse(file));
  }
  for (const file of sources(...planners)) {
    visit(parse(file), (node) => {
      if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'refine') textsOf(node.arguments[1]).forEach(add);
      if (ts.isPropertyAssignment(node) && !isError(node.parent.parent) && ['remedy', 'message', 'text', 'error'].includes(node.name.getText())) textsOf(node.initializer).forEach(add);
    });
  }
  return found;
}
