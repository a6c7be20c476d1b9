// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { Present } from "../../scene/visitors.js";
import { visitorOf, type Who } from "./visitors.js";

/** A phone or a card, drawn; with its code where it is shown to the scanner. */
export function Device({ who, by = "nfc" }: { who: Who; by?: Present["by"] }): JSX.Element {
	return visitorOf(who).isCard ? <CardDrawing who={who} /> : <PhoneDrawing who={who} hasCode={by === "qr"} />;
}

function CardDrawing({ who }: { who: Who }): JSX.Element {
	return (
		<svg class={`device card-device ${who}`} viewBox="0 0 64 42" aria-hidden="true">
			<rect class="body" x="1" y="1" width="62" height="40" rx="5" />
			<rect class="chip" x="8" y="14" width="11" height="9" rx="2" />
			<path class="stripe" d="M8 31h26M8 35.5h16" />
			<path class="waves-drawn" d="M50 13c2.5 3 2.5 8 0 11M54 10c4 5 4 12 0 17" />
		</svg>
	);
}

function PhoneDrawing({ hasCode, who }: { hasCode: boolean; who: Who }): JSX.Element {
	return (
		<svg class={`device phone ${who}`} viewBox="0 0 44 84" aria-hidden="true">
			<rect class="body" x="1" y="1" width="42" height="82" rx="8" />
			<rect class="screen" x="4" y="4" width="36" height="76" rx="5" />
			<rect class="notch" x="16" y="6.5" width="12" height="2.5" rx="1.25" />
			{hasCode ? <Code /> : <Key />}
		</svg>
	);
}

/** A key card on the phone's screen. */
function Key(): JSX.Element {
	return (
		<>
			<rect class="pass" x="8" y="16" width="28" height="38" rx="4" />
			<circle class="bow" cx="22" cy="29" r="5" />
			<path class="bit" d="M22 34v11M22 40h4M22 44.5h3" />
			<path class="bar" d="M15 70h14" />
		</>
	);
}

/** Not the real code, which changes each 15 s: its picture is a code's. */
function Code(): JSX.Element {
	return (
		<>
			<rect class="paper" x="8" y="22" width="28" height="28" rx="2" />
			<path
				class="modules"
				d="M11 25h8v8h-8zM25 25h8v8h-8zM11 39h8v8h-8zM21 25h2v4h-2zM21 31h3v3h-3zM25 35h3v3h-3zM30 36h3v3h-3zM21 37h2v3h-2zM24 41h4v2h-4zM30 42h3v5h-3zM21 44h4v3h-4zM27 45h2v2h-2z"
			/>
			<path class="bar" d="M15 70h14" />
		</>
	);
}
