/** `npm run build`: the release bundles in dist/, one file each. */
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { build } from 'esbuild';

/** CommonJS packages inside an ES module bundle still call `require`. */
const BANNER =
  "#!/usr/bin/env node\nimport { createRequire as linnetCreateRequire } from 'node:module';\nconst require = linnetCreateRequire(import.meta.url);";

const bundles = [
  { entry: 'src/main.ts', output: 'dist/controller.mjs' },
  { entry: 'src/cli/main.ts', output: 'dist/kubectl-linnet.mjs' },
];

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
for (const { entry, output } of bundles) {
  await build({
    entryPoints: [entry],
    outfile: output,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: BANNER },
    define: { 'process.env.LINNET_VERSION': JSON.stringify(version) },
    sourcemap: 'linked',
    minifySyntax: true,
    legalComments: 'linked',
  });
  chmodSync(output, 0o755);
  console.log(`${output}  ${(statSync(output).size / 1024).toFixed(0)} KiB`);
}
