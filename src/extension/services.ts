import { type ExtensionContext, type LogOutputChannel, type Uri, window } from 'vscode';
import { Disposable } from './disposable';
import { EngineSettingsReader } from './engines/engine-settings';
import { Keys } from './keys';
import { ModelRegistry } from './models/model-registry';
import { FactsReaders } from './request-editor/facts-readers';
import { RunHistory } from './runs/run-history';
import { RunService } from './runs/run-service';

/** What commands, views and editors share. */
export class Services extends Disposable {
  readonly extension: Uri;
  readonly log: LogOutputChannel;
  readonly keys: Keys;
  readonly engines: EngineSettingsReader;
  readonly runs: RunService;
  readonly models: ModelRegistry;
  readonly facts: FactsReaders;

  constructor(context: ExtensionContext) {
    super();
    this.extension = context.extensionUri;
    this.log = this.register(window.createOutputChannel('Certified Unlearning', { log: true }));
    this.keys = this.register(new Keys(context.secrets, this.log));
    this.engines = new EngineSettingsReader(context.globalStorageUri);
    this.runs = this.register(new RunService(this.keys, this.engines, this.log, new RunHistory(context)));
    this.models = this.register(new ModelRegistry(this.keys, this.log));
    this.facts = this.register(new FactsReaders(this.engines));
  }
}
