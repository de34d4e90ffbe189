import { createHash } from 'node:crypto';
import type { WebReply, WebSite } from './web.ts';
import { makeZip, type ZipEntry } from './zip.ts';

/** A file of the package index. */
interface PackageFile {
  readonly project: string;
  readonly fileName: string;
  readonly content: Buffer;
  readonly sha256: string;
  readonly requiresPython: string;
}

const PROJECT = 'cloudcroft-hello';
const MODULE = 'cloudcroft_hello';
const VERSION = '1.0.0';
const REQUIRES_PYTHON = '>=3.7';
const METADATA_DIRECTORY = `${MODULE}-${VERSION}.dist-info`;

const SOURCE = `"""A package that shows that pip found its way to the package index."""

import socket


def main():
    print(f"Hello from Cloudcroft! This is {socket.gethostname()}, and pip reached the package index.")


if __name__ == "__main__":
    main()
`;

const METADATA = `Metadata-Version: 2.1
Name: ${PROJECT}
Version: ${VERSION}
Summary: Says hello from an instance of a Cloudcroft world
License: Apache-2.0
Requires-Python: ${REQUIRES_PYTHON}
Description-Content-Type: text/plain

Says hello. Its only purpose is to be installed.
`;

const HTML = 'application/vnd.pypi.simple.v1+html';
const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';

/**
 * The package index (PEP 503 and, where the client prefers it, PEP 691) together with its files. `filesUrl` is where links
 * lead to, without a slash at its end.
 */
export function packageIndex(filesUrl = 'https://files.pythonhosted.org'): WebSite {
  const files = [buildHello()];
  return ({ path, accept }) => {
    const file = files.find((candidate) => pathOf(candidate) === path);
    if (file !== undefined)
      return { status: 200, contentType: 'application/octet-stream', body: file.content };
    const isJson = prefersJson(accept);
    const simple = /^\/simple\/(?:([^/]+)(\/)?)?$/.exec(path);
    if (simple === null) return path === '/' ? welcome() : notFound(path);
    const [, name, slash] = simple;
    if (name === undefined) return isJson ? listProjectsAsJson(files) : listProjects(files);
    const project = normalizeName(name);
    if (name !== project || slash === undefined) return redirectTo(`/simple/${project}/`);
    const found = files.filter((candidate) => candidate.project === project);
    if (found.length === 0) return notFound(path);
    return isJson ? listFilesAsJson(project, found, filesUrl) : listFiles(project, found, filesUrl);
  };
}

/** The name under which PEP 503 files a project. */
function normalizeName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/** Whether JSON is named among what the client takes before HTML is, whatever the weights say: pip names it first. */
function prefersJson(accept: string): boolean {
  const html = accept.search(/text\/html|vnd\.pypi\.simple\.v1\+html|\*\/\*/);
  const json = accept.indexOf('vnd.pypi.simple.v1+json');
  return json !== -1 && (html === -1 || json < html);
}

function listProjects(files: readonly PackageFile[]): WebReply {
  return html(
    'Simple index',
    files.map(({ project }) => `<a href="/simple/${project}/">${project}</a><br/>`),
  );
}

function listProjectsAsJson(files: readonly PackageFile[]): WebReply {
  return json({ meta: { 'api-version': '1.0' }, projects: files.map(({ project }) => ({ name: project })) });
}

function listFiles(project: string, files: readonly PackageFile[], filesUrl: string): WebReply {
  const links = files.map((file) => {
    const requires = file.requiresPython.replace('>', '&gt;');
    const url = `${filesUrl}${pathOf(file)}#sha256=${file.sha256}`;
    return `<a href="${url}" data-requires-python="${requires}">${file.fileName}</a><br/>`;
  });
  return html(`Links for ${project}`, links);
}

function listFilesAsJson(project: string, files: readonly PackageFile[], filesUrl: string): WebReply {
  return json({
    meta: { 'api-version': '1.0' },
    name: project,
    files: files.map((file) => ({
      filename: file.fileName,
      url: `${filesUrl}${pathOf(file)}`,
      hashes: { sha256: file.sha256 },
      'requires-python': file.requiresPython,
      size: file.content.length,
    })),
  });
}

function html(title: string, lines: readonly string[]): WebReply {
  const head = `<meta name="pypi:repository-version" content="1.0"><title>${title}</title>`;
  const body = `<!DOCTYPE html>\n<html>\n<head>${head}</head>\n<body>\n<h1>${title}</h1>\n${lines.join('\n')}\n</body>\n</html>\n`;
  return { status: 200, contentType: HTML, body };
}

function json(content: unknown): WebReply {
  return { status: 200, contentType: JSON_TYPE, body: JSON.stringify(content) };
}

function welcome(): WebReply {
  const body = `The package index of the simulated Internet. It has one package: pip install ${PROJECT}\n`;
  return { status: 200, contentType: 'text/plain; charset=utf-8', body };
}

function notFound(path: string): WebReply {
  const body = `404 Not Found: ${path}. The simulated package index has only ${PROJECT}.\n`;
  return { status: 404, contentType: 'text/plain; charset=utf-8', body };
}

function redirectTo(location: string): WebReply {
  return { status: 301, contentType: 'text/plain; charset=utf-8', body: '', headers: { location } };
}

/** As on PyPI, spread by hash. */
function pathOf({ fileName, sha256 }: PackageFile): string {
  return `/packages/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256.slice(4)}/${fileName}`;
}

/** The wheel: a zip of the module and of the metadata that a wheel must have, with a command as entry point. */
function buildHello(): PackageFile {
  const entries: ZipEntry[] = [
    { path: `${MODULE}/__init__.py`, content: Buffer.from(SOURCE) },
    { path: `${MODULE}/__main__.py`, content: Buffer.from(`from ${MODULE} import main\n\nmain()\n`) },
    { path: `${METADATA_DIRECTORY}/METADATA`, content: Buffer.from(METADATA) },
    {
      path: `${METADATA_DIRECTORY}/WHEEL`,
      content: Buffer.from(
        'Wheel-Version: 1.0\nGenerator: cloudcroft\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
      ),
    },
    {
      path: `${METADATA_DIRECTORY}/entry_points.txt`,
      content: Buffer.from(`[console_scripts]\n${PROJECT} = ${MODULE}:main\n`),
    },
  ];
  const record = entries.map(
    ({ path, content }) => `${path},sha256=${hash(content, 'base64url')},${content.length}\n`,
  );
  record.push(`${METADATA_DIRECTORY}/RECORD,,\n`);
  const content = makeZip([
    ...entries,
    { path: `${METADATA_DIRECTORY}/RECORD`, content: Buffer.from(record.join('')) },
  ]);
  return {
    project: PROJECT,
    fileName: `${MODULE}-${VERSION}-py3-none-any.whl`,
    content,
    sha256: hash(content, 'hex'),
    requiresPython: REQUIRES_PYTHON,
  };
}

function hash(content: Buffer, encoding: 'hex' | 'base64url'): string {
  return createHash('sha256').update(content).digest(encoding);
}
