import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { sources, visit } from '../webview/texts';

/** Texts that errors are made from, with `{0}`, `{1}` … where values stand. */
export interface ErrorTexts {
  /** Messages and remedies. */
  readonly whole: ReadonlySet<string>;
  /** What the values can be, where those are texts of our own. */
  readonly parts: ReadonlySet<string>;
  /** Messages and remedies that no text was found for, with their places. */
  readonly unread: readonly string[];
}

/** Folders whose errors a user of VS Code can meet; those of the command line speak of its flags. */
const folders = ['src/certificate', 'src/data', 'src/engine', 'src/graph', 'src/model', 'src/plan', 'src/privacy', 'src/request', 'src/run'];
const root = join(__dirname, '../../..');

/** Every text of a `UserError` or a `PrivacyError`: its message and its remedy, followed through constants, parameters and functions to where they are written. */
export function errorTexts(): ErrorTexts {
  const reader = new Reader(sources(...folders, 'src/error.ts', 'src/input-files.ts').map((file) => join(root, file)));
  const unread: string[] = [];
  for (const error of reader.made(/^(User|Privacy)Error$/)) {
    for (const text of [error.arguments?.[1], remedyOf(error.arguments?.[2])]) {
      if (text !== undefined && !reader.read(text, 'whole')) unread.push(`${error.getSourceFile().fileName.slice(root.length + 1)}: ${text.getText()}`);
    }
  }
  // What a library or a part of ours refuses with becomes part of the error that explains it.
  for (const thrown of reader.made(/^(?!(User|Privacy)Error$)/)) if (reader.isOurError(thrown) && thrown.arguments?.[0] !== undefined) reader.read(thrown.arguments[0], 'parts');
  return { whole: reader.whole, parts: new Set([...reader.parts].filter(isWords)), unread };
}

/** The sentences of texts, one by one, as they are told. What is appended after a sentence is one of its own. */
export function sentencesOf(texts: Iterable<string>): readonly string[] {
  return [...texts].flatMap((text) => text.replace(/(?<=[.!?])(\{\d+\})+$/, '').trim().split(/(?<=[.!?])(?:\{\d+\})* (?=[\p{Lu}\d{])/u)).filter((sentence) => /\p{L}{2}/u.test(sentence));
}

/** Called so in models, data and requests, whatever the language. */
const names = new Set(['antialias', 'any', 'bilinear', 'constant', 'count', 'cpu', 'data', 'decay', 'delta', 'dilation', 'elu', 'epsilon', 'forward', 'fraction', 'gelu', 'idx', 'invert', 'label', 'mu', 'nearest', 'npy', 'npz', 'onnxruntime', 'path', 'renorm', 'sigma', 'silu', 'steps', 'tensorflow']);

/** Whether a value is words and no name: names of files, fields and functions are the same in every language. */
function isWords(text: string): boolean {
  return /\p{L}{2}/u.test(text) && (/\S\s\S/.test(text) || /^\s*[({]*\p{Ll}+[)}]*\s*$/u.test(text.replace(/\{\d+\}/g, ''))) && !names.has(text);
}

function remedyOf(where: ts.Expression | undefined): ts.Expression | undefined {
  if (where === undefined || !ts.isObjectLiteralExpression(where)) return undefined;
  for (const property of where.properties) {
    if (ts.isPropertyAssignment(property) && property.name.getText() === 'remedy') return property.initializer;
    if (ts.isShorthandPropertyAssignment(property) && property.name.text === 'remedy') return property.name;
  }
  return undefined;
}

/** A program of these files alone: no library is read, since only what is declared here matters. */
function programOf(files: readonly string[]): ts.Program {
  const options: ts.CompilerOptions = { noLib: true, types: [], target: ts.ScriptTarget.Latest, module: ts.ModuleKind.Preserve, moduleResolution: ts.ModuleResolutionKind.Bundler };
  const host: ts.CompilerHost = {
    ...ts.createCompilerHost(options, true),
    getSourceFile: (file, target) => (ts.sys.fileExists(file) ? ts.createSourceFile(file, readFileSync(file, 'utf8'), target, true) : undefined),
    resolveModuleNameLiterals: (names, from) => names.map(({ text }) => {
      const resolvedFileName = join(dirname(from), `${text}.ts`);
      return { resolvedModule: text.startsWith('.') && ts.sys.fileExists(resolvedFileName) ? { resolvedFileName, extension: ts.Extension.Ts } : undefined };
    }),
  };
  return ts.createProgram({ rootNames: files, options, host });
}

/** Operators whose result is what stands on one of their sides, or both; a comparison's is neither. */
const joins: ReadonlySet<ts.SyntaxKind> = new Set([ts.SyntaxKind.PlusToken, ts.SyntaxKind.QuestionQuestionToken, ts.SyntaxKind.BarBarToken, ts.SyntaxKind.AmpersandAmpersandToken]);

/** Follows expressions to the texts that they can be. */
class Reader {
  readonly whole = new Set<string>();
  readonly parts = new Set<string>();
  readonly #checker: ts.TypeChecker;
  readonly #calls = new Map<string, (ts.CallExpression | ts.NewExpression)[]>();
  readonly #members = new Map<string, ts.Expression[]>();
  readonly #news: ts.NewExpression[] = [];
  readonly #seen = { whole: new Map<ts.Node, boolean>(), parts: new Map<ts.Node, boolean>() };

  constructor(files: readonly string[]) {
    const program = programOf(files);
    this.#checker = program.getTypeChecker();
    for (const file of files) {
      const source = program.getSourceFile(file);
      if (source === undefined) continue;
      visit(source, (node) => {
        if (ts.isNewExpression(node)) this.#news.push(node);
        if (ts.isPropertyAssignment(node)) this.#members.set(node.name.getText(), [...(this.#members.get(node.name.getText()) ?? []), node.initializer]);
        if (!ts.isCallExpression(node)) return;
        const name = nameOf(node.expression)?.text ?? '';
        this.#calls.set(name, [...(this.#calls.get(name) ?? []), node]);
      });
    }
  }

  made(name: RegExp): readonly ts.NewExpression[] {
    return this.#news.filter(({ expression }) => name.test(expression.getText()));
  }

  isOurError({ expression }: ts.NewExpression): boolean {
    const declared = this.#declaration(expression);
    return declared !== undefined && ts.isClassDeclaration(declared) && (declared.heritageClauses ?? []).some((clause) => /Error\b/.test(clause.getText()));
  }

  /** @returns whether any text was found */
  read(node: ts.Expression, as: 'whole' | 'parts'): boolean {
    const known = this.#seen[as].get(node);
    if (known !== undefined) return known;
    this.#seen[as].set(node, false);
    const found = this.#read(node, as);
    this.#seen[as].set(node, found);
    return found;
  }

  #read(node: ts.Expression, as: 'whole' | 'parts'): boolean {
    const all = (...nodes: readonly ts.Expression[]): boolean => nodes.map((each) => this.read(each, as)).some(Boolean);
    if (ts.isStringLiteralLike(node)) return this.#found(node.text, as);
    if (ts.isTemplateExpression(node)) {
      for (const { expression } of node.templateSpans) this.read(expression, 'parts');
      return this.#found(node.head.text + node.templateSpans.map(({ literal }, index) => `{${index}}${literal.text}`).join(''), as);
    }
    if (ts.isConditionalExpression(node)) return all(node.whenTrue, node.whenFalse);
    if (ts.isBinaryExpression(node)) return joins.has(node.operatorToken.kind) && all(node.left, node.right);
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isAwaitExpression(node) || ts.isNonNullExpression(node)) return all(node.expression);
    if (ts.isElementAccessExpression(node)) return all(node.expression);
    if (ts.isObjectLiteralExpression(node)) return all(...node.properties.flatMap((property) => (ts.isPropertyAssignment(property) ? [property.initializer] : [])));
    if (ts.isArrayLiteralExpression(node)) return all(...node.elements);
    if (ts.isCallExpression(node)) return this.#call(node, as);
    const declared = ts.isIdentifier(node) || ts.isPropertyAccessExpression(node) ? this.#declaration(node) : undefined;
    return declared !== undefined && this.#declared(declared, as);
  }

  #found(text: string, as: 'whole' | 'parts'): boolean {
    this[as].add(text);
    return true;
  }

  /** A parameter can be whatever its function is called with, anything else what it was made from. */
  #declared(node: ts.Node, as: 'whole' | 'parts'): boolean {
    if (ts.isParameter(node)) {
      const index = node.parent.parameters.indexOf(node);
      const given = this.#callsOf(node.parent).flatMap(({ arguments: list }) => list?.[index] ?? []);
      return [...given, ...(node.initializer === undefined ? [] : [node.initializer])].map((each) => this.read(each, as)).some(Boolean);
    }
    if (ts.isBindingElement(node)) return this.#bound(node, as);
    if (ts.isPropertySignature(node)) return as === 'whole' && this.#properties(node.name.getText(), as);
    if ((ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node)) && node.initializer !== undefined) return this.read(node.initializer, as);
    return false;
  }

  /** An entry of a list can be any of them, a member of an object whatever is called so anywhere. */
  #bound(node: ts.BindingElement, as: 'whole' | 'parts'): boolean {
    const { parent } = node;
    if (ts.isArrayBindingPattern(parent)) return ts.isVariableDeclaration(parent.parent) && parent.parent.initializer !== undefined && this.read(parent.parent.initializer, 'parts');
    return as === 'whole' && this.#properties((node.propertyName ?? node.name).getText(), as);
  }

  #properties(name: string, as: 'whole' | 'parts'): boolean {
    return (this.#members.get(name) ?? []).map((value) => this.read(value, as)).some(Boolean);
  }

  #call(node: ts.CallExpression, as: 'whole' | 'parts'): boolean {
    const called = this.#declaration(node.expression);
    const body = called === undefined ? undefined : callableOf(called);
    if (body !== undefined) return returned(body).map((value) => this.read(value, as)).some(Boolean);
    // A list of texts in one: what is joined, and what each entry becomes.
    const found = ts.isPropertyAccessExpression(node.expression) && this.read(node.expression.expression, 'parts');
    return node.arguments.flatMap((given) => (ts.isArrowFunction(given) ? returned(given) : [])).map((value) => this.read(value, 'parts')).some(Boolean) || found;
  }

  #callsOf(called: ts.SignatureDeclaration): readonly (ts.CallExpression | ts.NewExpression)[] {
    if (ts.isConstructorDeclaration(called)) return this.#news.filter(({ expression }) => this.#declaration(expression) === called.parent);
    const name = called.name ?? (ts.isVariableDeclaration(called.parent) || ts.isPropertyAssignment(called.parent) ? called.parent.name : undefined);
    if (name === undefined) return [];
    const same = (this.#calls.get(name.getText()) ?? []);
    // Through an interface the very function is not known: every call by its name counts.
    return same.filter((call) => {
      const declared = this.#declaration(call.expression);
      return declared === undefined || callableOf(declared) === called || ts.isMethodSignature(declared) || ts.isPropertySignature(declared);
    });
  }

  #declaration(node: ts.Node): ts.Declaration | undefined {
    const name = ts.isPropertyAccessExpression(node) ? node.name : node;
    const symbol = ts.isShorthandPropertyAssignment(name.parent) ? this.#checker.getShorthandAssignmentValueSymbol(name.parent) : this.#checker.getSymbolAtLocation(name);
    const real = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? this.#checker.getAliasedSymbol(symbol) : symbol;
    return real?.valueDeclaration;
  }
}

function nameOf(callee: ts.Expression): ts.Identifier | ts.PrivateIdentifier | undefined {
  if (ts.isIdentifier(callee)) return callee;
  return ts.isPropertyAccessExpression(callee) && !ts.isPrivateIdentifier(callee.name) ? callee.name : undefined;
}

type Callable = ts.FunctionDeclaration | ts.ArrowFunction | ts.MethodDeclaration | ts.FunctionExpression;

function callableOf(node: ts.Node): Callable | undefined {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return node;
  return (ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node)) && node.initializer !== undefined ? callableOf(node.initializer) : undefined;
}

/** What a function gives back. */
function returned({ body }: Callable): readonly ts.Expression[] {
  if (body === undefined) return [];
  if (!ts.isBlock(body)) return [body];
  const found: ts.Expression[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isReturnStatement(node) && node.expression !== undefined) found.push(node.expression);
    else if (!ts.isFunctionLike(node)) node.forEachChild(look);
  };
  body.forEachChild(look);
  return found;
}
