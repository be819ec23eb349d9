/** The dependency rules of the architecture (ARCHITECTURE.md). */
const ours = '^src/';
const no = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    no('no-circular', 'A cycle means that two concepts are one, or that a third is missing', {}, { circular: true }),
    no('api-is-the-root', 'api imports nothing of ours', { path: '^src/api/' }, { path: ours, pathNot: '^src/api/' }),
    no('core-imports-only-api', 'core is pure', { path: '^src/core/' }, { path: ours, pathNot: '^src/(api|core)/' }),
    no('pure-no-node', 'api and core use no Node module', { path: '^src/(api|core)/' }, { dependencyTypes: ['core'] }),
    no(
      'pure-no-packages',
      'core uses no package; api uses zod alone',
      { path: '^src/(api|core)/' },
      { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/zod/' },
    ),
    no(
      'machinery-knows-no-decisions',
      'kube, runtime, net and telemetry never import core or controllers',
      { path: '^src/(kube|runtime|net|telemetry)/' },
      { path: '^src/(core|controllers|traffic|providers|notifiers|cli|simulator|sandbox|server)/' },
    ),
    no(
      'traffic-is-a-leaf',
      'a router imports api, core, net and the Kubernetes interface',
      { path: '^src/traffic/' },
      { path: ours, pathNot: '^src/(api|core|kube|net|traffic)/' },
    ),
    no(
      'providers-are-leaves',
      'a provider imports api, core, net and the Kubernetes interface',
      { path: '^src/providers/' },
      { path: ours, pathNot: '^src/(api|core|kube|net|runtime/clock|providers)' },
    ),
    no(
      'notifiers-are-leaves',
      'a notifier imports api, core, net and the Kubernetes interface',
      { path: '^src/notifiers/' },
      { path: ours, pathNot: '^src/(api|core|kube|net|runtime/clock|notifiers)' },
    ),
    no(
      'nobody-imports-controllers',
      'only main.ts and the sandbox wire controllers',
      { path: ours, pathNot: '^src/(controllers/|main\\.ts|wiring\\.ts|sandbox/)' },
      { path: '^src/controllers/' },
    ),
    no(
      'production-never-imports-the-simulator',
      'the simulator is for tests and the sandbox',
      { path: ours, pathNot: '^src/(simulator|sandbox)/' },
      { path: '^src/simulator/' },
    ),
    no(
      'simulator-stays-apart',
      'the simulator shares types and values with us, never behaviour',
      { path: '^src/simulator/' },
      { path: ours, pathNot: '^src/(simulator/|api/|core/(values|jsonpath)/|kube/(transport|resources|api-error)|runtime/clock)' },
    ),
    no('cli-is-a-client', 'the plugin never runs controllers', { path: '^src/cli/' }, { path: '^src/(controllers|server)/' }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // TypeScript 7 has no parser to lend; swc has.
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.json'], conditionNames: ['import', 'node', 'default'] },
  },
};
