/** `npm run build`: the release bundles in dist/. */
import { chmodSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type BuildOptions, build, type Metafile } from 'esbuild';

/** CommonJS packages inside an ES module bundle still call `require`. */
const BANNER =
  "import { createRequire as linnetCreateRequire } from 'node:module';\nconst require = linnetCreateRequire(import.meta.url);";

interface Bundle {
  readonly entry: string;
  /** `dist/<name>.mjs`. */
  readonly name: string;
  /** What the first line starts it with. */
  readonly program: string;
  readonly shape: BuildOptions;
}

const bundles: readonly Bundle[] = [
  {
    entry: 'src/main.ts',
    name: 'controller',
    // V8 would let the young generation grow to 16 MB halves at the start and never give them back.
    program: '-S node --max-semi-space-size=2',
    // What it imports lazily stays in files of its own: parsing all of it costs every start 0.1 s and 10 MB.
    shape: { splitting: true, chunkNames: 'chunks/[name]-[hash]' },
  },
  // One file, since people copy it to a folder on their PATH.
  { entry: 'src/cli/main.ts', name: 'kubectl-linnet', program: 'node', shape: {} },
];

/** A split bundle loses the named exports of a CommonJS package that is imported lazily; nothing but its use would tell. */
function refuseLazyCommonJs({ inputs }: Metafile): void {
  for (const [importer, { imports }] of Object.entries(inputs)) {
    const lost = imports.find(({ kind, path }) => kind === 'dynamic-import' && inputs[path]?.format === 'cjs');
    if (lost !== undefined) {
      throw new Error(`${importer}: import ${lost.path} lazily through a module of ours that imports it statically`);
    }
  }
}

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
rmSync('dist', { recursive: true, force: true });
for (const { entry, name, program, shape } of bundles) {
  const { metafile } = await build({
    entryPoints: [{ in: entry, out: name }],
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: `#!/usr/bin/env ${program}\n${BANNER}` },
    define: { 'process.env.LINNET_VERSION': JSON.stringify(version) },
    sourcemap: 'linked',
    minifySyntax: true,
    legalComments: 'linked',
    ...shape,
    metafile: true,
  });
  if (shape.splitting === true) refuseLazyCommonJs(metafile);
  const output = `dist/${name}.mjs`;
  chmodSync(output, 0o755);
  console.log(`${output}  ${(statSync(output).size / 1024).toFixed(0)} KiB`);
}
