import { readFileSync, writeFileSync } from 'node:fs';
import { openApiDocument } from '../lib/api/openapi.ts';

// Writes docs/openapi.json. A test fails while that is not as the schemas have it.
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const file = new URL('../docs/openapi.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(openApiDocument(version), null, 2)}\n`);
