/**
 * Words that servers use to say why they refuse: of machines, protocols and permissions. No word in
 * which an answer, an illness or a place could be told. A word that is not in here is left out of
 * what operators read.
 */
const text = `
a about above absent accept acceptable accepted accepts access accessible account across action
activate activated active add added address administrator after again agent alg algorithm all allow
allowed allows already also always an and another any api app appears application applications
applied apply approved are argument array as ask asked assertion assigned at attempt attempts
attribute aud audience auth authenticate authenticated authentication author authority authorization
authorize authorized available backend backoff bad base basic be bearer because been before being
below between blocked body both bound broken browser bulk bundle busy but by byte bytes cache call
called calls can cannot canonical cardinality catalog category certificate challenge change changed
character characters check checked child claim claims class client clients clock closed code codes
coding collection combination come comes command comma compartment complete completed concurrency
concurrent condition conditional configuration configure configured conflict conflicts conform
conformance connect connected connection constraint contact contain contained contains content
context contract control conversion converted could count create created creating creation
credential credentials criteria current currently custom data database date dates datetime
deactivated deadlock decode default define defined delay delete deleted denied deny department
deserialize details detected developer device did digest directory disabled document does domain
down duplicate during each element elements empty enabled encoding encountered encryption end ended
endpoint enough entity entry enterprise entire entirely environment error errors etag every exactly
exceed exceeded exceeds exception exchange execute exist existing exists exp expected expiration
expire expired expires expiry expression extension external failed failing fails failure fatal
feature fhir field fields file filter filters finished first follow following for forbidden form
format found from full function future gateway general generated get given global granted grants
group had handle has have header headers hint host hour hours hourly how http https iat id
identifier identifiers identity if ignored immediately implemented in inactive include included
incoming incomplete incorrect index inner input instance insufficient integer interaction
interactions internal into invalid invariant is iss issue issued issuer it its job json jti jwk jwks
jwt key keys kid kind known large last later latest least length less level license limit limited
limiting limits line link list load loading local location lock locked login logon longer
maintenance malformed mandatory many map match matched matches matching max maximum maxitems may
media memory message method millisecond milliseconds min minimum minute minutes missing mode
modified modifier module month more most multiple must name namespace need needed needs network new
next no node non none not nothing now null number oauth object of off offset older on once one only
open operation operations operator operators option optional or order organization origin other out
outcome outside over overload overloaded owner page pages paging parallel parameter parameters parse
parsed parser parsing part party password path patient patients payload pending per perform period
permanently permission permissions permit permitted please policy portal possible post practice
practitioner precondition prefix prefixes present previous private privileges problem process
processed processing production profile prohibited properties property protected protocol provide
provided provider proxy public put queries query queue quota rate rates reach reached read reading
reason receive received record records refer reference references referenced refused register
registered registration reject rejected related release remaining remote remove removed repeat
replay request requested requester requests require required requires reset resolve resolved
resource resources respond response responses rest restricted result results retry return returned
returns revoke revoked role roles root rule rules sandbox schedule scheduled schema scope scopes
search searched searches searching second seconds secret section secure security see self send sent
server servers service services session set shall should shut sign signature signed signing since
site size skew slow smart sort sorting source specification specified specify ssl standard start
started state status step still stop stopped storage store stored string structure sub subject
submitted subscription succeed such summary support supported supports system systems table target
temporarily temporary tenant terminated terminology test than that the their them then there these
they this those threshold through throttle throttled throttling time timed timeout timestamp tls to
token tokens too total traffic transaction transient trusted try trying type types uid unable
unauthorized unavailable under undefined unexpected unique unknown unless unprocessable unreadable
unrecognized unsupported until unverified up update updated updates upload uploaded uri url urls us
usage use used user username users uses using uuid valid validate validated validation value values
vendor verification verified verify version versions via violated violation wait waiting warning was
way we well were what when where which while who whole why wildcard will window with within without
work write writes writing wrong xml you your zone`;

/** The words of the list above. */
export const vocabulary: ReadonlySet<string> = new Set(text.trim().split(/\s+/));

/** Words that are names of people, too: capitalized within a sentence they are left out. */
export const alsoNames: ReadonlySet<string> = new Set(
  'author call no case class code field grants hours index key kind last major map may page party post read rest root rule sort start state summary test will work'.split(
    ' ',
  ),
);
