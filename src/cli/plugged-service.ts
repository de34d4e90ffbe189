import { UserError } from './verb.ts';

/** A service of AWS that a server of the user's answers. */
export interface PluggedService {
  /** As hosts call it: `s3`, `sqs`. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Hosts of the machine's own loopback: nothing leaves the machine by a plug. */
const LOOPBACK = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])$/;

/** Reads `s3=http://127.0.0.1:9000,sqs=http://localhost:9324`. Throws a UserError for what is none. */
export function readPluggedServices(text: string): PluggedService[] {
  const services = text.split(',').map((item) => readOne(item.trim()));
  const names = services.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined)
    throw new UserError(`--service names ${twice} twice.`, 'Give one server for it.', 2);
  return services;
}

function readOne(item: string): PluggedService {
  const [, name, address = ''] = /^([a-z0-9][a-z0-9.-]*)=(.+)$/.exec(item) ?? [];
  const url = name === undefined || !URL.canParse(address) ? undefined : new URL(address);
  if (name === undefined || url === undefined || url.protocol !== 'http:' || url.pathname !== '/') {
    throw new UserError(`"${item}" is no service and its server.`, EXAMPLE, 2);
  }
  if (!LOOPBACK.test(url.hostname)) {
    throw new UserError(
      `${url.hostname} is not this machine: a service can be handed to a server on its loopback only.`,
      EXAMPLE,
      2,
    );
  }
  return { name, host: url.hostname.replace(/[[\]]/g, ''), port: url.port === '' ? 80 : Number(url.port) };
}

const EXAMPLE = 'Example: --service s3=http://127.0.0.1:9000';
