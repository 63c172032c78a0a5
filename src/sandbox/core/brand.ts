/**
 * Nominal types over plain data. A branded value is made only by the `parse…` or `make…`
 * function of the file that owns the brand, so holding one is proof that it was checked.
 */
declare const brand: unique symbol;

export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
