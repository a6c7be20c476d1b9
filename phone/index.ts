// SPDX-License-Identifier: Apache-2.0

/**
 * The phone's side, for app authors: no Node, no DOM. `docs/phone-app.md` says how to use it.
 */

export { PortableCrypto } from "../hal/crypto/js/crypto.js";
export { EDDSA, ES256, signer } from "../protocol/credential/cose.js";
export { CredentialError, type CredentialReason } from "../protocol/credential/credential.js";
export type { Crypto, Random } from "../protocol/crypto.js";
export { byKcwt, type OwnCredential } from "../protocol/edhoc/id-cred.js";
export { SERVICE_UUID, UUID_FROM_PHONE, UUID_TO_PHONE, UUID_VERSION } from "../protocol/link/ble-service.js";
export type { Act } from "../protocol/link/intent.js";
export type { Decision, Reason } from "../protocol/reasons.js";
export type { ListRefusal } from "../protocol/trust/envelope.js";
export type { TrustList } from "../protocol/trust/list.js";
export { GattHolder, type GattHolderOptions } from "./gatt.js";
export { type Answer, type HolderSession, HostCardEmulation } from "./hce.js";
export { Holder, type HolderOptions, type HolderResult, type LaterCredential } from "./holder.js";
export { anchorList, type SiteTrust, takeLists } from "./site-trust.js";
export { openByWebBluetooth, type WebBluetoothDevice } from "./web-bluetooth.js";
