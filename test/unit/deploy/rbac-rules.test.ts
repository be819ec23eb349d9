import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/api/core-types.ts';
import { RbacRules } from '../../support/rbac-rules.ts';

const ACCOUNT = { namespace: 'system', name: 'robot' };

function role(kind: 'Role' | 'ClusterRole', rules: readonly object[]): KubeObject {
  const metadata = kind === 'Role' ? { name: 'r', namespace: 'system' } : { name: 'r' };
  return { kind, metadata, rules } as KubeObject;
}

function binding(kind: 'RoleBinding' | 'ClusterRoleBinding', to: string, namespace?: string): KubeObject {
  const metadata = { name: 'b', ...(namespace === undefined ? {} : { namespace }) };
  const subjects = [{ kind: 'ServiceAccount', ...ACCOUNT }];
  return { kind, metadata, roleRef: { kind: to, name: 'r' }, subjects } as KubeObject;
}

const PODS = { apiGroups: [''], resources: ['pods', 'pods/eviction'], verbs: ['get', 'create'] };

describe('RbacRules', () => {
  it('a ClusterRoleBinding grants everywhere, a RoleBinding in its own namespace', () => {
    const everywhere = new RbacRules(
      [role('ClusterRole', [PODS]), binding('ClusterRoleBinding', 'ClusterRole')],
      ACCOUNT,
    );
    const request = { verb: 'get', resource: 'pods', name: 'a' };
    expect(everywhere.allows(request)).toBe(true);
    expect(everywhere.allows({ ...request, namespace: 'x' })).toBe(true);
    const there = new RbacRules([role('ClusterRole', [PODS]), binding('RoleBinding', 'ClusterRole', 'x')], ACCOUNT);
    expect(there.allows(request)).toBe(false);
    expect(there.allows({ ...request, namespace: 'y' })).toBe(false);
    expect(there.allows({ ...request, namespace: 'x' })).toBe(true);
  });

  it('tells groups, subresources and verbs apart', () => {
    const rules = new RbacRules([role('Role', [PODS]), binding('RoleBinding', 'Role', 'system')], ACCOUNT);
    const at = { namespace: 'system' };
    expect(rules.allows({ ...at, verb: 'create', resource: 'pods', subresource: 'eviction', name: 'a' })).toBe(true);
    expect(rules.allows({ ...at, verb: 'get', resource: 'pods', subresource: 'log', name: 'a' })).toBe(false);
    expect(rules.allows({ ...at, verb: 'list', resource: 'pods' })).toBe(false);
    expect(rules.allows({ ...at, verb: 'get', group: 'metrics.k8s.io', resource: 'pods' })).toBe(false);
  });

  it('a name in a rule covers that object, and no creation', () => {
    const named = { apiGroups: [''], resources: ['secrets'], resourceNames: ['a'], verbs: ['get', 'create'] };
    const rules = new RbacRules([role('Role', [named]), binding('RoleBinding', 'Role', 'system')], ACCOUNT);
    const secret = { resource: 'secrets', namespace: 'system' };
    expect(rules.allows({ ...secret, verb: 'get', name: 'a' })).toBe(true);
    expect(rules.allows({ ...secret, verb: 'get', name: 'b' })).toBe(false);
    expect(rules.allows({ ...secret, verb: 'create' })).toBe(false);
    expect(rules.unused([{ ...secret, verb: 'get', name: 'a' }])).toEqual(['Role/r: create secrets a']);
  });

  it('a binding of somebody else grants nothing', () => {
    const objects = [role('ClusterRole', [PODS]), binding('ClusterRoleBinding', 'ClusterRole')];
    const rules = new RbacRules(objects, { ...ACCOUNT, name: 'other' });
    expect(rules.allows({ verb: 'get', resource: 'pods' })).toBe(false);
    expect(rules.unused([])).toEqual([]);
  });
});
