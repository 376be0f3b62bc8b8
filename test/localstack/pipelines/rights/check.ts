import { writeFileSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { missingRights, unusedRights } from './compare.ts';
import { deployedRights } from './deployed.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { readRequests, useOf } from './uses.ts';

const recorder = new URL('recorder.mjs', import.meta.url);

/** The local AWS's environment under which its functions note in `file` what they ask of AWS. */
export function recordingEnvironment(file: string): Record<string, string> {
  writeFileSync(file, '');
  const functions = { NODE_OPTIONS: `--import ${recorder.href}`, SLUICE_TEST_REQUESTS: file };
  return { SLUICE_LOCAL_FUNCTION_ENVIRONMENT: JSON.stringify(functions) };
}

/**
 * Holds what the functions have asked for against what their roles allow, which the emulator does not do; after a whole and green
 * round of the suite also the other way round.
 *
 * @throws Error that says which rights are missing, and which nothing used.
 */
export async function checkRights(file: string, endpoint: string, project: TestProject): Promise<void> {
  const [rights, whole] = await Promise.all([deployedRights(endpoint), isWhole(project)]);
  // a function that a test has destroyed took its policy with it
  const known = new Set(rights.map((right) => right.function));
  const uses = readRequests(file)
    .filter((request) => known.has(request.function))
    .map(useOf);
  const missing = missingRights(rights, uses);
  const unused = whole ? unusedRights(rights, uses, EXCEPTIONS) : [];
  const wrong = [...missing, ...unused];
  if (wrong.length > 0) throw new Error(`the rights of the pipelines' functions:\n${wrong.join('\n')}`);
  const others = whole ? 'none is unused' : 'not all of the suite ran, so none could be called unused';
  process.stdout.write(`rights of the pipelines' functions: ${rights.length}, none is missing, ${others}\n`);
}

/** Only all of the suite, passed, uses all that a pipeline can do. */
async function isWhole(project: TestProject): Promise<boolean> {
  const { testFiles } = await project.globTestFiles();
  const ran = project.vitest.state.getTestModules().filter((module) => module.project === project);
  const isFiltered = project.vitest.config.testNamePattern !== undefined;
  return !isFiltered && ran.length === testFiles.length && ran.every((module) => module.ok());
}
