/** A refusal in Systems Manager's words. */
export class SsmError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The refusals of the Parameter Store. */
export const refusals = {
  notFound: (name: string) => new SsmError('ParameterNotFound', `Parameter ${name} not found.`),
  alreadyExists: () =>
    new SsmError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    ),
  validation: (message: string) => new SsmError('ValidationException', message),
  invalidResource: () => new SsmError('InvalidResourceId', 'The resource ID is not valid.'),
  invalidToken: () => new SsmError('InvalidNextToken', 'The specified token is not valid.'),
};
