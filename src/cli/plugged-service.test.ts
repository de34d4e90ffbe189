import { expect, test } from 'vitest';
import { readPluggedServices } from './plugged-service.ts';

test.each([
  ['s3=http://127.0.0.1:9000', ['s3 127.0.0.1 9000']],
  ['sqs=http://localhost:9324/, kms=http://[::1]', ['sqs localhost 9324', 'kms ::1 80']],
  ['api.ecr=http://127.1.2.3:1', ['api.ecr 127.1.2.3 1']],
])('%s', (text, services) => {
  expect(readPluggedServices(text).map(({ name, host, port }) => `${name} ${host} ${port}`)).toEqual(
    services,
  );
});

test.each([
  ['', '"" is no service and its server.'],
  ['s3', '"s3" is no service and its server.'],
  ['s3=9000', '"s3=9000" is no service and its server.'],
  ['S3=http://127.0.0.1', '"S3=http://127.0.0.1" is no service and its server.'],
  ['../x=http://127.0.0.1', '"../x=http://127.0.0.1" is no service and its server.'],
  ['s3=https://127.0.0.1', '"s3=https://127.0.0.1" is no service and its server.'],
  ['s3=http://127.0.0.1/path', '"s3=http://127.0.0.1/path" is no service and its server.'],
  ['s3=http://192.0.2.1', '192.0.2.1 is not this machine'],
  ['s3=http://127.0.0.1.example.com', '127.0.0.1.example.com is not this machine'],
  ['s3=http://localhost,s3=http://localhost:81', '--service names s3 twice.'],
])('%j is refused', (text, message) => {
  expect(() => readPluggedServices(text)).toThrow(message);
});
