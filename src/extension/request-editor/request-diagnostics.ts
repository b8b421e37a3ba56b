import { Diagnostic, DiagnosticSeverity, languages, Range, type TextDocument } from 'vscode';
import type { Problem } from '../../request/parse-request';
import { Disposable } from '../disposable';

/** The problems of open requests, in the Problems panel and under the text. */
export class RequestDiagnostics extends Disposable {
  readonly #collection = this.register(languages.createDiagnosticCollection('certifiedUnlearning'));

  show(document: TextDocument, problems: readonly Problem[]): void {
    this.#collection.set(document.uri, problems.map(({ field, message, offset, length }) => {
      const range = new Range(document.positionAt(offset), document.positionAt(offset + length));
      const diagnostic = new Diagnostic(range, field === '' ? message : `${field}: ${message}`, DiagnosticSeverity.Error);
      diagnostic.source = 'Certified Unlearning';
      return diagnostic;
    }));
  }

  clear(document: TextDocument): void {
    this.#collection.delete(document.uri);
  }
}
