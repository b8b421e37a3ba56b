import { chromium } from './chromium';
import { installHost } from './host';

console.log(`VS Code: ${installHost().entry}`);
console.log(`browser: ${chromium()}`);
