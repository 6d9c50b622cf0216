/** Which views this portal has: the profile may turn parts off, and money is nothing for strangers. */
import { isPublic } from "./env.ts";
import { hasFeature, type Profile } from "./profile.ts";
import { PLACES, type Place } from "./view/places.ts";

export const isShown = (profile: Profile, { feature, key }: Place): boolean =>
  (feature === undefined || hasFeature(profile, feature)) && !(key === "costs" && isPublic());

/** Keys of the views that are not there, for the menu and the keys in the browser. */
export function hiddenPlaces(profile: Profile): readonly string[] {
  return PLACES.filter((place) => !isShown(profile, place)).map(({ key }) => key);
}
