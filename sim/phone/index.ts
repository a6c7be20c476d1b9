/**
 * The phone's side, for app authors: no Node, no DOM. `docs/phone-app.md` says how to use it.
 */

export { SERVICE_UUID, UUID_FROM_PHONE, UUID_TO_PHONE, UUID_VERSION } from "../../drivers/ble/service.js";
export type { Crypto, Random } from "../../hal/contracts.js";
export { PortableCrypto } from "../../hal/portable/crypto.js";
export { EDDSA, ES256, signer } from "../../src/credential/cose.js";
export type { Trust } from "../../src/credential/credential.js";
export { byKcwt, type OwnCredential } from "../../src/edhoc/id-cred.js";
export type { Decision, Reason } from "../../src/reasons.js";
export { GattHolder, type GattHolderOptions } from "./gatt.js";
export { type Answer, type HolderSession, HostCardEmulation } from "./hce.js";
export { Holder, type HolderOptions, type HolderResult, type LaterCredential } from "./holder.js";
