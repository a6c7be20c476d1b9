// SPDX-License-Identifier: Apache-2.0

/** The format versions of CHANGELOG.md, taken from the code: what is between the marks is written by `npm run docs`. */
import { toHex, utf8Decode } from "../../protocol/bytes.js";
import { configurationContext } from "../../protocol/config/signed.js";
import { ID_LENGTH } from "../../protocol/credential/credential.js";
import { METHOD_SIGNATURES } from "../../protocol/edhoc/message-1.js";
import { SUITES } from "../../protocol/edhoc/suites.js";
import { AID } from "../../protocol/link/apdu.js";
import { SERVICE_UUID } from "../../protocol/link/ble-service.js";
import { EAD_INTENT } from "../../protocol/link/intent.js";
import { EAD_LIST_VERSION, EAD_RECEIPT } from "../../protocol/link/receipt.js";
import { VERSION } from "../../protocol/link/version.js";
import { CHECKPOINT_SIZE, MAGIC as LOG_MAGIC, RECORD_SIZE, signedPart } from "../../protocol/log/record.js";
import { lockdownContext, MAGIC_LOCKDOWN } from "../../protocol/notice/lockdown.js";
import { MAGIC_REVOCATION, revocationContext } from "../../protocol/notice/revocation.js";
import { MAGIC_DELTA, MAGIC_SNAPSHOT, planContext } from "../../protocol/plan/format.js";
import { TABLES_FORMAT, TABLES_FORMAT_CLOCK_ERROR } from "../../protocol/plan/tables.js";
import { IMPROV_VERSION } from "../../protocol/provisioning/improv-frame.js";
import { proofMessage, readerMessage } from "../../protocol/provisioning/proof.js";
import { CODE_AAD } from "../../protocol/qr/code.js";
import { VERSION as SYNC_VERSION } from "../../protocol/sync/bounds.js";
import { EAD_SYNC } from "../../protocol/sync/request.js";
import { listContext } from "../../protocol/trust/envelope.js";
import { MAGIC_LIST } from "../../protocol/trust/list.js";
import { ENROLMENT_VERSION } from "../../site/lib/enrolment.js";
import { PHONE_CONTEXTS } from "../../site/lib/phone-request.js";
import { VERSION as ROOT_FILE_VERSION } from "../../site/lib/root/root-text.js";
import { MAGIC as CONFIG_MAGIC } from "../../src/config/record.js";
import { MAGIC as STATE_MAGIC } from "../../src/config/sealed-state.js";
import { MAGIC_ENTRY } from "../../src/plan/journal.js";
import { MAGIC_HEADER, MAGIC_MARK } from "../../src/plan/slot.js";
import { VERSIONS } from "../../src/service/provisioning.js";
import { MAGIC as TIME_MAGIC } from "../../src/time/sealed-time.js";
import { renew } from "../door-table/table.js";

/** A magic number as text: what is printable as it is, a last byte that is not as a number. */
function magic(value: number): string {
	const bytes = [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
	const text = bytes.map((byte) => (byte < 0x20 ? ` ${byte}` : String.fromCharCode(byte)));
	return `\`${text.join("")}\``;
}

/** A context of a signature: the text in front of what is signed. */
function context(bytes: Uint8Array): string {
	return `"${utf8Decode(bytes)}"`;
}

const NONE = new Uint8Array(0);
const SHARES = { client: NONE, clientShare: NONE, readerShare: NONE, reader: NONE };

/** Format, its version or what identifies it, where it is kept or spoken, its page. */
function formats(): readonly (readonly [string, string, string, string])[] {
	const [least, greatest] = VERSIONS;
	const empty = signedPart(new Uint8Array(CHECKPOINT_SIZE));
	const logContext = empty.subarray(0, empty.indexOf(0));
	const aid = toHex(Uint8Array.from(AID)).toUpperCase();
	const suites = SUITES.map(({ id }) => id).join(", ");
	return [
		["credential", `CWT without a version; \`cti\` of ${ID_LENGTH} bytes`, "phone, reader", "credential"],
		["EDHOC", `method ${METHOD_SIGNATURES}; suites ${suites}`, "NFC, BLE", "credential"],
		["intent in message_2 and message_3", `EAD label ${EAD_INTENT}`, "NFC, BLE", "PROTOCOL"],
		["decision in message_4", `EAD label ${EAD_RECEIPT}`, "NFC, BLE", "PROTOCOL"],
		["list version in message_4", `EAD label ${EAD_LIST_VERSION}`, "NFC, BLE", "PROTOCOL"],
		["transaction", `${VERSION}`, "NFC, BLE", "PROTOCOL"],
		["NFC application", `AID \`${aid}\``, "NFC", "PROTOCOL"],
		["BLE service", `\`${SERVICE_UUID}\``, "BLE", "PROTOCOL"],
		["code for a scanner", context(CODE_AAD), "QR", "formats/qr"],
		["enrolment", `${ENROLMENT_VERSION}`, "file, link", "phone-app"],
		["phone's requests", `\`${PHONE_CONTEXTS.join("`, `")}\``, "HTTPS", "formats/phone-api"],
		["trust list", magic(MAGIC_LIST), "file, cable, network, flash, phone", "formats/trust"],
		["trust list: signature", context(listContext()), "file, cable, phone", "formats/trust"],
		["notice: revocation", magic(MAGIC_REVOCATION), "network", "formats/notice"],
		["notice: lockdown", magic(MAGIC_LOCKDOWN), "network", "formats/notice"],
		[
			"notice: signature",
			`${context(revocationContext())}, ${context(lockdownContext())}`,
			"network",
			"formats/notice",
		],
		["configuration: signature", context(configurationContext()), "sync", "formats/configuration"],
		["sync: session", `${SYNC_VERSION}; EAD label ${EAD_SYNC}`, "network", "formats/sync"],
		["plan: snapshot", magic(MAGIC_SNAPSHOT), "file, cable, network, flash", "plan"],
		["plan: delta", magic(MAGIC_DELTA), "file, cable, network, flash", "plan"],
		[
			"plan: tables",
			`${TABLES_FORMAT}; ${TABLES_FORMAT_CLOCK_ERROR} with a bound of the clock`,
			"file, cable, flash",
			"plan",
		],
		["plan: signature", context(planContext()), "file, cable, flash", "plan"],
		["plan: slots", [MAGIC_HEADER, MAGIC_ENTRY, MAGIC_MARK].map(magic).join(", "), "flash", "plan"],
		["log: sector and checkpoint", `${magic(LOG_MAGIC)}, ${CHECKPOINT_SIZE} bytes`, "flash, export", "log"],
		["log: record", `that of its sector, ${RECORD_SIZE} bytes`, "flash, export", "log"],
		["log: signature", context(logContext), "flash, export", "log"],
		["configuration record", magic(CONFIG_MAGIC), "flash", "provisioning"],
		["sealed state", magic(STATE_MAGIC), "NVS", "provisioning"],
		["last known time", magic(TIME_MAGIC), "NVS", "provisioning"],
		["provisioning protocol", `${least} to ${greatest}`, "cable", "provisioning"],
		["proof of authority", context(proofMessage(SHARES)), "cable", "provisioning"],
		["proof of the reader", context(readerMessage(SHARES)), "cable", "provisioning"],
		["Improv", `${IMPROV_VERSION}`, "cable", "provisioning"],
		["root key, backup of it", `${ROOT_FILE_VERSION}`, "file", "formats/root-key"],
	];
}

/** CHANGELOG.md brought up to date with the code. */
export function withFormats(text: string): string {
	const rows = formats().map(
		([format, version, where, page]) =>
			`| ${format} | ${version} | ${where} | [${page}.md](docs/${page}.md) |`,
	);
	const head = "| format | version or mark | where | page |\n|---|---|---|---|";
	return renew(text, { formats: `${head}\n${rows.join("\n")}` });
}
