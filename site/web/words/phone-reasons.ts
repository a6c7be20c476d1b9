// SPDX-License-Identifier: Apache-2.0

import type { CredentialReason } from "../../../protocol/credential/credential.js";
import type { Reason } from "../../../protocol/reasons.js";
import { words } from "../words.js";

/** Why a door opened or stayed shut, as its holder reads it, with what to do. */
export const doorReasons = words<Readonly<Record<Reason, string>>>({
	en: {
		granted: "The door is open.",
		malformed:
			"The door did not understand this phone. Load this page anew while you are connected, then try again.",
		"transaction-incomplete": "The connection was lost. Stay near the door and try again.",
		"bad-signature": "The door does not accept this key. Ask your site for a new link.",
		"unknown-issuer":
			"This door is not of your site, or it does not know your site's newest keys yet. Try again later.",
		"wrong-site": "This door is not of your site.",
		expired: "Your key has ended. Connect to the internet so that it is renewed; else ask your site.",
		"not-yet-valid": "Your key is not valid yet.",
		"no-application": "The door found no key on this phone.",
		"wrong-version":
			"This page and the door are of different versions. Load this page anew while you are connected.",
		"wrong-intent": "Something between phone and door changed what they said. Try again at the door itself.",
		"wrong-role": "This key is not for this way to open the door.",
		"beyond-limits": "Your key is not for this door. Ask your site for a new link.",
		"key-ended":
			"The site's key has ended. Connect to the internet so that yours is renewed; else ask your site.",
		"key-stolen": "The site has withdrawn the key that signed yours. Ask your site for a new link.",
		"stale-code":
			"The code was of another moment. Show the code itself; let your phone set its clock by the network.",
		"used-code": "This code was used already. Wait for the next one.",
		"uses-spent": "Your pass has opened this door as often as it may.",
		"just-started": "This door has just started. Wait a minute.",
		"cannot-keep": "This door can take no code at present. Try again in a minute.",
		"setup-code": "This is a code to set up a scanner, not one for a door.",
		"unknown-credential":
			"This door does not know your key yet, or not any more. Try again in a minute; else ask your site.",
		revoked: "Your site has withdrawn this key. If you need one, ask for a new link.",
		"wrong-door": "You have no access at this door.",
		"outside-schedule": "You have no access at this time.",
		"plan-expired": "This door was off line for too long. Tell your site.",
		"no-plan": "This door is not set up yet. Tell your site.",
		"clock-unset": "This door does not know the time. Tell your site.",
		suspended: "Your access is paused. Ask your site.",
		"plan-damaged": "This door waits for its plan from the site. Try again in a minute.",
		lockdown: "The door is locked down.",
		"awaiting-first-person": "Nobody is let in before the first person of the day has come.",
	},
	de: {
		granted: "Die Tür ist offen.",
		malformed:
			"Die Tür hat dieses Telefon nicht verstanden. Laden Sie diese Seite neu, wenn Sie Verbindung haben, und versuchen Sie es wieder.",
		"transaction-incomplete":
			"Die Verbindung ging verloren. Bleiben Sie nahe an der Tür und versuchen Sie es wieder.",
		"bad-signature": "Die Tür nimmt diesen Schlüssel nicht an. Bitten Sie um einen neuen Link.",
		"unknown-issuer":
			"Diese Tür gehört nicht zu Ihrer Anlage, oder sie kennt deren neueste Schlüssel noch nicht. Versuchen Sie es später wieder.",
		"wrong-site": "Diese Tür gehört nicht zu Ihrer Anlage.",
		expired:
			"Ihr Schlüssel ist abgelaufen. Verbinden Sie sich mit dem Internet, dann wird er erneuert; sonst fragen Sie nach.",
		"not-yet-valid": "Ihr Schlüssel gilt noch nicht.",
		"no-application": "Die Tür hat auf diesem Telefon keinen Schlüssel gefunden.",
		"wrong-version":
			"Diese Seite und die Tür haben verschiedene Versionen. Laden Sie die Seite neu, wenn Sie Verbindung haben.",
		"wrong-intent":
			"Etwas zwischen Telefon und Tür hat verändert, was sie einander sagen. Versuchen Sie es direkt an der Tür wieder.",
		"wrong-role": "Dieser Schlüssel ist nicht für diese Art, die Tür zu öffnen.",
		"beyond-limits": "Ihr Schlüssel ist nicht für diese Tür. Bitten Sie um einen neuen Link.",
		"key-ended":
			"Der Schlüssel der Anlage ist abgelaufen. Verbinden Sie sich mit dem Internet, dann wird Ihrer erneuert; sonst fragen Sie nach.",
		"key-stolen":
			"Die Anlage hat den Schlüssel zurückgezogen, der Ihren unterschrieb. Bitten Sie um einen neuen Link.",
		"stale-code":
			"Der Code war von einem anderen Augenblick. Zeigen Sie den Code selbst; lassen Sie Ihr Telefon die Uhr nach dem Netz stellen.",
		"used-code": "Dieser Code wurde schon benutzt. Warten Sie auf den nächsten.",
		"uses-spent": "Ihr Besucherausweis hat diese Tür so oft geöffnet, wie er darf.",
		"just-started": "Diese Tür ist gerade gestartet. Warten Sie eine Minute.",
		"cannot-keep": "Diese Tür kann zurzeit keinen Code annehmen. Versuchen Sie es in einer Minute wieder.",
		"setup-code": "Das ist ein Code, der einen Scanner einstellt, keiner für eine Tür.",
		"unknown-credential":
			"Diese Tür kennt Ihren Schlüssel noch nicht oder nicht mehr. Versuchen Sie es in einer Minute wieder; sonst fragen Sie nach.",
		revoked: "Dieser Schlüssel wurde zurückgezogen. Wenn Sie einen brauchen, bitten Sie um einen neuen Link.",
		"wrong-door": "An dieser Tür haben Sie keinen Zutritt.",
		"outside-schedule": "Zu dieser Zeit haben Sie keinen Zutritt.",
		"plan-expired": "Diese Tür war zu lange ohne Verbindung. Melden Sie es.",
		"no-plan": "Diese Tür ist noch nicht eingerichtet. Melden Sie es.",
		"clock-unset": "Diese Tür weiß nicht, wie spät es ist. Melden Sie es.",
		suspended: "Ihr Zutritt ist ausgesetzt. Fragen Sie nach.",
		"plan-damaged": "Diese Tür wartet auf ihren Plan. Versuchen Sie es in einer Minute wieder.",
		lockdown: "Die Tür ist gesperrt.",
		"awaiting-first-person": "Niemand wird eingelassen, bevor die erste Person des Tages da ist.",
	},
});

/** Why the phone did not believe a door. */
export const readerReasons = words<Readonly<Partial<Record<CredentialReason, string>>>>({
	en: {
		"unknown-issuer": "This door is not of your site.",
		"wrong-site": "This door is not of your site.",
		"bad-signature": "This door cannot be checked: it may be a false one. Tell your site.",
		revoked: "Your site does not trust this door any more. Tell your site.",
		"key-stolen": "Your site does not trust this door any more. Tell your site.",
		expired: "This door is not in service today.",
		"not-yet-valid": "This door is not in service today.",
	},
	de: {
		"unknown-issuer": "Diese Tür gehört nicht zu Ihrer Anlage.",
		"wrong-site": "Diese Tür gehört nicht zu Ihrer Anlage.",
		"bad-signature": "Diese Tür lässt sich nicht prüfen: sie kann eine falsche sein. Melden Sie es.",
		revoked: "Ihre Anlage vertraut dieser Tür nicht mehr. Melden Sie es.",
		"key-stolen": "Ihre Anlage vertraut dieser Tür nicht mehr. Melden Sie es.",
		expired: "Diese Tür ist heute nicht in Betrieb.",
		"not-yet-valid": "Diese Tür ist heute nicht in Betrieb.",
	},
});
