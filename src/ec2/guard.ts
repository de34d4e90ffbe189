/** Names by which a server on the loopback may be called; the rest is added by whoever starts it. */
const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Says whether a `Host` header names this server: a loopback name, one of `ownNames`, or an endpoint of AWS, which
 * clients inside the world resolve to us. A web page whose name was re-bound to 127.0.0.1 has another.
 */
export function isOwnHost(host: string, ownNames: readonly string[]): boolean {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  return (
    LOOPBACK_NAMES.includes(name) ||
    ownNames.includes(name) ||
    name.endsWith('.localhost') ||
    name === 'amazonaws.com' ||
    name.endsWith('.amazonaws.com')
  );
}

/**
 * Says whether a browser sent the request for a page of another origin. A form can be posted to any address without
 * asking: where signatures are not verified, this is all that keeps pages out.
 */
export function isForeignPage(origin: string | undefined, host: string): boolean {
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}
