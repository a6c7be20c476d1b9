/** What the portable crypto takes of tweetnacl-ts: the SDK's manifest gives it this module under the package's name. */
export { scalarMult, scalarMult_base } from "tweetnacl-ts/es/scalarmult.js";
export { sign_detached, sign_detached_verify, sign_keyPair_fromSeed } from "tweetnacl-ts/es/sign.js";
