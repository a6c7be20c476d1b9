/**
 * The phone's side, for app authors: no Node, no DOM. `docs/phone-app.md` says how to use it.
 */

export { SERVICE_UUID, UUID_FROM_PHONE, UUID_TO_PHONE, UUID_VERSION } from "../../drivers/ble/service.js";
export { PortableCrypto } from "../../hal/portable/crypto.js";
export { EDDSA, ES256, signer } from "../../src/credential/cose.js";
export { byKcwt } from "../../src/edhoc/id-cred.js";
export { GattHolder, type GattHolderOptions } from "./gatt.js";
export { type HolderSession, HostCardEmulation } from "./hce.js";
export { Holder, type HolderOptions, type HolderResult, type LaterCredential } from "./holder.js";
