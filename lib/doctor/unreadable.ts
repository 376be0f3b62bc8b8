import type { Rule } from './rule.ts';

export const unreadable: Rule = {
  id: 'unreadable',
  severity: 'warning',
  what: 'a part of the stack could not be read',
  consequence: 'the rules about it were not asked: that nothing else is found there means nothing',
  fix: 'give the reader the actions listed under "Rights", or deploy again what is gone',
  page: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html',
  check: ({ unread }) => unread.map(({ part, why }) => ({ resource: part, logicalId: null, evidence: why })),
};
