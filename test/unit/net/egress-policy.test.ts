import { describe, expect, it } from 'vitest';
import {
  createEgressPolicy,
  IN_CLUSTER_RULES,
  METADATA_RANGES,
  PRIVATE_RANGES,
} from '../../../src/net/egress-policy.ts';

describe('the policy for metrics backends', () => {
  const policy = createEgressPolicy(IN_CLUSTER_RULES);

  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::169.254.169.254',
    '2002:a9fe:a9fe::1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'fd00:0ec2:0000::0254',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '::ffff:0.0.0.0',
    '224.0.0.1',
    '239.255.255.255',
    '255.255.255.255',
    'ff02::1',
  ])('denies %s', (address) => {
    expect(policy.refusal(address)).toContain('denied by the controller');
  });

  it.each([
    '127.0.0.1',
    '::1',
    '::ffff:127.0.0.1',
    '10.96.0.1',
    '172.20.3.4',
    '192.168.1.9',
    'fd12::7',
    '8.8.8.8',
    '2606:4700::1',
    '64:ff9b::8.8.8.8',
  ])('allows %s', (address) => {
    expect(policy.refusal(address)).toBeUndefined();
  });

  it.each(['', 'localhost', '2130706433', '0x7f000001', '127.1', '169.254.169.254/16'])(
    'refuses %j, which is no IP address',
    (text) => {
      expect(policy.refusal(text)).toContain('is not an IP address');
    },
  );
});

describe('rules', () => {
  it('let an exception win over a denied range', () => {
    const policy = createEgressPolicy({ deny: [...METADATA_RANGES, ...PRIVATE_RANGES], allow: ['10.1.2.3'] });
    expect(policy.refusal('10.1.2.3')).toBeUndefined();
    expect(policy.refusal('10.1.2.4')).toContain('10.1.2.4');
    expect(policy.refusal('::1')).toBeDefined();
    expect(policy.refusal('64:ff9b::10.9.9.9')).toBeDefined();
  });

  it.each(['10.0.0.0/33', '10.0.0/8', 'fd00::/129', 'example.com', '10.0.0.0/8/8', '', '1.2.3.4/x'])(
    'refuse the malformed range %j',
    (range) => {
      expect(() => createEgressPolicy({ deny: [range] })).toThrow(`egress range "${range}"`);
    },
  );
});
