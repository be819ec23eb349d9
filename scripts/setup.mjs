// Makes a fresh clone ready: npm packages, and the Debian programs named after --needs (e.g. `--needs nginx,prometheus`).
// Plain JavaScript without packages, because it is what installs them; it has to run on the system's Node.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const MINIMUM_NODE_MAJOR = 20;
/** Debian keeps daemons in sbin, which is not on every user's PATH. */
const EXTRA_PATHS = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin'];
/** A package's maintainer script asks this file whether it may start its service; 101 means no. */
const POLICY_FILE = '/usr/sbin/policy-rc.d';

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

function run(command, args, env = {}) {
  // Everything to stderr: standard output belongs to the command that follows (it may be JSON).
  return spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, ...env } }).status === 0;
}

function onPath(program) {
  const folders = [...(process.env.PATH ?? '').split(':'), ...EXTRA_PATHS];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function installNodePackages() {
  const stampFile = join(root, 'node_modules', '.linnet-installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  say('installing npm packages (npm ci) …');
  if (!run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])) {
    fail('npm ci failed; its messages above say why. Run `npm ci` again once the registry can be reached.');
  }
  writeFileSync(stampFile, wanted);
}

/** Installs without letting the packages start their services: the demo and the tests run their own on free ports. */
function aptInstall(packages) {
  const ownPolicy = !existsSync(POLICY_FILE);
  if (ownPolicy) writeFileSync(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['-qq', 'update'], env);
    return run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', ...packages], env);
  } finally {
    if (ownPolicy) rmSync(POLICY_FILE, { force: true });
  }
}

function installPrograms(programs) {
  const missing = programs.filter((program) => !onPath(program));
  if (missing.length === 0) return;
  if (!onPath('apt-get') || process.getuid?.() !== 0) {
    fail(`missing ${missing.join(' and ')}: install with \`sudo apt-get install ${missing.join(' ')}\` (or your system's way), then run this again.`);
  }
  say(`installing Debian packages ${missing.join(', ')} (apt-get) …`);
  if (!aptInstall(missing)) {
    fail(`apt-get could not install ${missing.join(' and ')}; its messages above say why.`);
  }
}

const needs = process.argv.includes('--needs') ? process.argv[process.argv.indexOf('--needs') + 1].split(',') : [];
if (Number(process.versions.node.split('.')[0]) < MINIMUM_NODE_MAJOR) {
  fail(`Node ${process.versions.node} is too old: install Node ${MINIMUM_NODE_MAJOR} or later.`);
}
installNodePackages();
installPrograms(needs);
