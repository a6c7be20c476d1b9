/** The manifest has this module in place of hal/crypto/native/crypto: from there, as from here, the path is the same. */
export { NativeCrypto } from "../../../sim/sdk/crypto.js";
