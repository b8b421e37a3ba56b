const { defineConfig, globalIgnores } = require('eslint/config');
const tseslint = require('typescript-eslint');

/** The story runs one way: request → plan → run → certificate → verify. Each folder may import only these others. */
const mayImport = {
  privacy: [],
  graph: [],
  model: ['graph'],
  data: [],
  engine: ['graph', 'privacy', 'data'],
  certificate: ['privacy'],
  request: ['privacy', 'data'],
  plan: ['request', 'privacy'],
  protocol: ['request', 'plan', 'privacy', 'data', 'model', 'engine', 'certificate'],
  run: ['protocol', 'plan', 'request', 'certificate', 'engine', 'data', 'model', 'graph', 'privacy'],
  cli: ['run', 'protocol', 'plan', 'request', 'certificate', 'engine', 'data', 'model', 'graph', 'privacy'],
  extension: ['run', 'protocol', 'plan', 'request', 'certificate', 'engine', 'data', 'model', 'graph', 'privacy'],
};
const folders = Object.keys(mayImport);

const direction = folders.map((folder) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: [
        {
          group: folders.filter((other) => other !== folder && !mayImport[folder].includes(other)).flatMap((other) => [`**/${other}/*`, `../${other}`]),
          message: `src/${folder} may import only: ${mayImport[folder].join(', ') || 'nothing'}.`,
        },
        ...(folder === 'extension' ? [] : [{ group: ['vscode'], message: 'Only src/extension may import vscode.' }]),
        ...(folder === 'privacy' ? [{ group: ['node:*', '**/error'], message: 'src/privacy is pure mathematics and runs in the webview too.' }] : []),
      ],
    }],
  },
}));

module.exports = defineConfig(
  globalIgnores(['dist/', 'out/', 'coverage/', 'node_modules/', '.cache/', '**/*.generated.*', 'src/engine/noise/assembly/']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  ...direction,
  { files: ['scripts/**/*.ts', 'bench/**/*.ts', 'test/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['webview/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: [...['model', 'data', 'engine', 'certificate', 'run', 'cli', 'extension', 'graph'].map((folder) => `**/src/${folder}/**`), 'node:*', 'vscode'], message: 'The webview may import only protocol, plan, request types and privacy.' }] }],
    },
  },
);
