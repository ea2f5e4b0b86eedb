import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import { defineConfig, globalIgnores } from 'eslint/config';
import typescript from 'typescript-eslint';

export default defineConfig([
  globalIgnores(['lib', 'node_modules', '.yarn']),
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { jupyter },
    extends: [
      typescript.configs.recommendedTypeChecked,
      jupyter.configs.recommended
    ],
    languageOptions: {
      parserOptions: { project: ['tsconfig.json', 'tsconfig.test.json'] }
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: true }
        }
      ],
      // The kernel is in English only, and most texts come from it.
      'jupyter/no-untranslated-string': 'off',
      // The panel is needed at once: it may have been open when the page was closed.
      'jupyter/prefer-lazy-imports': 'off',
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'prefer-arrow-callback': 'error'
    }
  },
  {
    files: ['test/**'],
    // The promises that `test` returns are awaited by node:test itself.
    rules: { '@typescript-eslint/no-floating-promises': 'off' }
  }
]);
