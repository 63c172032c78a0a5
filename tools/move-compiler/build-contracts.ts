// The command behind `npm run build:contracts`. What it does is in ../contracts: this folder is a
// package of its own, for the compiler's dependencies, and so cannot name the product's modules.
import "../contracts/build-contracts.ts";
