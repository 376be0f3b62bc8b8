import { describe, expect, it } from 'vitest';
import { apiAnswer, apiEvent, requestOf } from '../../../lambdas/support/events.ts';

/** What API Gateway sends, as far as it is used; a call without query or body has null there. */
const EVENT = {
  ...{ httpMethod: 'GET', resource: '/runs/{id}', path: '/runs/a', pathParameters: { id: 'a' } },
  ...{ queryStringParameters: null, headers: null, body: null, isBase64Encoded: false },
  requestContext: { identity: { userArn: 'arn:aws:iam::123456789012:user/ada' }, requestId: 'r' },
};
const request = (changes: object = {}) => requestOf(apiEvent.parse({ ...EVENT, ...changes }));

describe('a call from API Gateway', () => {
  it('has nothing where nothing was sent', () => {
    expect(request()).toEqual({
      ...{ method: 'GET', resource: '/runs/{id}', path: { id: 'a' }, query: {}, headers: {}, body: null },
      caller: 'arn:aws:iam::123456789012:user/ada',
    });
  });

  it('has its headers by their names in lower case', () => {
    expect(request({ headers: { 'Idempotency-Key': 'k', 'content-type': 'x' } }).headers).toEqual({
      ...{ 'idempotency-key': 'k', 'content-type': 'x' },
    });
  });

  it('has its body as text, however it came', () => {
    expect(request({ body: '{}' }).body).toBe('{}');
    const body = Buffer.from('{"a":"ü"}').toString('base64');
    expect(request({ body, isBase64Encoded: true }).body).toBe('{"a":"ü"}');
  });

  it('is nobody’s in particular where nobody signs', () => {
    expect(request({ requestContext: { identity: { userArn: null } } }).caller).toBe('api');
  });
});

it('an answer has the form that API Gateway wants', () => {
  expect(apiAnswer({ status: 201, headers: { location: 'runs/a' }, body: '{}' })).toEqual({
    ...{ statusCode: 201, headers: { location: 'runs/a' }, body: '{}' },
  });
});
