/** Set by the build; a checkout runs as `dev`. */
export const VERSION: string = process.env['LINNET_VERSION'] ?? 'dev';
