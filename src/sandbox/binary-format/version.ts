/** The versions of the binary format that are read. */

export type Version = 5 | 6 | 7;
export const VERSION_MIN: Version = 5;
export const VERSION_MAX: Version = 7;
