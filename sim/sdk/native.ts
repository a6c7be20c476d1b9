/** The manifest has this module in place of hal/native/crypto: from there, as from here, the path is the same. */
export { NativeCrypto } from "./crypto.js";
