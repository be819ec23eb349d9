/*
 * Rules for names, with the words of apimachinery's `validation`. Each function gives what is wrong with a text; nothing
 * when it is well-formed.
 */

const MAX_SUBDOMAIN = 253;
/** Of a DNS label, of the name part of a qualified name, and of a label's value. */
const MAX_LABEL = 63;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;

const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const DNS_LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const NAME_CHARACTERS =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const CONFIG_KEY_RULE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** Of most objects' names. */
export function subdomainMistakes(text: string): string[] {
  return [
    ...(text.length > MAX_SUBDOMAIN ? [`must be no more than ${MAX_SUBDOMAIN} characters`] : []),
    ...(SUBDOMAIN.test(text) ? [] : [SUBDOMAIN_RULE]),
  ];
}

/** Of names that become host names: containers, Services, namespaces. */
export function dnsLabelMistakes(text: string): string[] {
  return [
    ...(text.length > MAX_LABEL ? [`must be no more than ${MAX_LABEL} characters`] : []),
    ...(DNS_LABEL.test(text) ? [] : [SUBDOMAIN.test(text) ? 'must not contain dots' : DNS_LABEL_RULE]),
  ];
}

/** Of keys of labels and annotations, and of finalizers: `example.com/name` or `name`. */
export function qualifiedNameMistakes(text: string): string[] {
  const parts = text.split('/');
  if (parts.length > 2) {
    const form = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    return [`a valid label key ${NAME_CHARACTERS} ${form}`];
  }
  const name = parts.at(-1) ?? '';
  return [
    ...(parts.length === 2 ? prefixMistakes(parts[0] ?? '') : []),
    ...(name === '' ? ['name part must be non-empty'] : []),
    ...(name.length > MAX_LABEL ? [`name part must be no more than ${MAX_LABEL} bytes`] : []),
    ...(QUALIFIED_NAME.test(name) ? [] : [`name part ${NAME_CHARACTERS}`]),
  ];
}

function prefixMistakes(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  return subdomainMistakes(prefix).map((mistake) => `prefix part ${mistake}`);
}

export function labelValueMistakes(text: string): string[] {
  return [
    ...(text.length > MAX_LABEL ? [`must be no more than ${MAX_LABEL} bytes`] : []),
    ...(LABEL_VALUE.test(text) ? [] : [LABEL_VALUE_RULE]),
  ];
}

/** Of keys in ConfigMaps and Secrets, which become names of files. */
export function configKeyMistakes(text: string): string[] {
  const mistakes: string[] = [];
  if (text.length > MAX_SUBDOMAIN) mistakes.push(`must be no more than ${MAX_SUBDOMAIN} characters`);
  if (!CONFIG_KEY.test(text)) mistakes.push(CONFIG_KEY_RULE);
  if (text === '.') mistakes.push("must not be '.'");
  else if (text === '..') mistakes.push("must not be '..'");
  else if (text.startsWith('..')) mistakes.push("must not start with '..'");
  return mistakes;
}
