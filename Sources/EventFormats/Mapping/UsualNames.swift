/// Where audit records usually keep things, in folded paths (``RecordFields``), the most telling first.
enum UsualNames: CaseIterable, Sendable {
    case time, source, actor, actorKind, actorName, action, target, targetKind, targetName, outcome, outcomeCode,
        outcomeReason, address, userAgent, session, trace, sequence

    /// Where a path or a name stands in a list.
    struct Place: Equatable, Sendable {
        let usual: UsualNames
        /// 0 for the most telling.
        let rank: Int
    }

    /// The places of each whole path.
    static let byPath = Self.places(\.paths)
    /// The places of each last name, which is looked for at any depth when no path is there.
    static let byName = Self.places(\.names)

    private static func places(_ list: (UsualNames) -> String) -> [String: [Place]] {
        var places: [String: [Place]] = [:]
        for usual in Self.allCases {
            for (rank, text) in list(usual).split(separator: " ").enumerated() {
                let isKnown = places[String(text)]?.contains { $0.usual == usual } ?? false
                if !isKnown { places[String(text), default: []].append(Place(usual: usual, rank: rank)) }
            }
        }
        return places
    }

    private var paths: String {
        switch self {
        case .time:
            """
            timestamp time eventtime ts attimestamp createdat published creationtime creationdate id.time event.time \
            isotimestamp metadata.eventcreationtime generateddatetime createddatetime \
            protopayload.requestmetadata.requestattributes.time receivetimestamp attributes.time created createdon \
            datetime date eventdate timecreated occurredat startedat insertionepochtimestamp timestampderived
            """
        case .source:
            """
            source.name sourcename logname servicename protopayload.servicename sourcetype logger application.name \
            application app service product id.applicationname channel
            """
        case .actor:
            """
            actor.email actor.emailaddress actor.alternateid actor.user.email actor.admin.email \
            actor.attributes.email attributes.actor.email attributes.actor.id actor.login actor.username \
            actor.userid actor.apikeyid actor.id actor.profileid actor.name actor \
            protopayload.authenticationinfo.principalemail \
            protopayload.authenticationinfo.principalsubject useridentity.arn identity.arn \
            properties.userprincipalname properties.initiatedby.user.userprincipalname \
            properties.initiatedby.user.id properties.initiatedby.app.displayname properties.initiatedby.app.appid \
            properties.serviceprincipalname properties.useragent.userprincipalname userprincipalname \
            createdby.emailaddress createdby.email createdby.id sender.login sender.email user.email \
            user.emailaddress user.login user.username user.name user.id targetuser.email user username useremail \
            loginname operator admin adminid event.adminid event.userid event.user event.username requester userid \
            event.username principal principalid subject initiator.email initiator.id initiator new.employee.email \
            data.email data.senderemail data.username data.userid grantedby urnormalized login account.email \
            serviceaccount.id metadata.userid metadata.username
            """
        case .actorKind:
            "actor.type actor.actortype actor.callertype actor.tag user.type actortype usertype"
        case .actorName:
            "actor.displayname actor.name actor.user.displayname user.displayname user.name createdby.name username"
        case .action:
            """
            protopayload.methodname actionname eventname eventtype eventtype.tag operationname operation.name \
            event.operationname event.action attributes.action action operation event.eventtype event.name \
            metadata.eventtype event.type event auditlogevent activity activitytype verb method type name category \
            object description
            """
        case .target:
            """
            target.id target.alternateid target.name target protopayload.resourcename resource.name resource.gid \
            resource.id resource.labels.instanceid resource.labels.bucketname targets.id resourceid resource \
            repository.fullname repo repository object.id object.name itemuuid assets.path.contextual \
            assets.displayname objectid properties.targetresources.id properties.resourcedisplayname \
            properties.resourceid parameters.docid parameters.calendarid parameters.groupemail parameters.rolename \
            parameters.useremail parameters.applicationname parameters.settingname data.envelopeid object bucket \
            claudechatid targetuser.email workflowrun.id connectedappname operationdetail requesturl uri \
            actionparameters.input.id modelid application.name auditlogevent event.resource event.objectname orgid \
            groupid org organizationid organization.login organizationlogin
            """
        case .targetKind:
            """
            target.type resource.type resource.resourcetype targets.type resourcetype targetresources.type \
            objecttype object.type eventcategory categorytype assets.tag
            """
        case .targetName:
            "target.displayname target.name resource.displayname resource.name targets.displayname"
        case .outcome:
            """
            outcome outcome.result result event.result actionresult properties.result resulttype status \
            protopayload.status.code loginstatus outcome.status conclusion workflowrun.conclusion \
            properties.status.errorcode status.errorcode httpstatus statuscode responsestatus.code \
            response.statuscode success event.success properties.conditionalaccessstatus resultsignature \
            event.status errorcode error category
            """
        case .outcomeCode:
            "errorcode error.code error outcome.code protopayload.status.code httpstatus statuscode"
        case .outcomeReason:
            "outcome.reason reason error.message protopayload.status.message errormessage resultdescription"
        case .address:
            """
            sourceip clientip actor.ipaddress client.ipaddress context.clientipaddress ipaddress source.ip \
            calleripaddress protopayload.requestmetadata.callerip origin.geolocation.ipaddress accessdevice.ip \
            remoteip requestip actorip event.clientip event.userip data.request.ip new.sourceipaddress \
            properties.ipaddress sourceipaddress client.ip clientaddress ip
            """
        case .userAgent:
            """
            useragent client.useragent.rawuseragent actor.useragent context.useragent source.useragent \
            requestuseragent protopayload.requestmetadata.callersupplieduseragent data.request.useragent \
            properties.useragent new.useragent parameters.useragent client.useragent browsertype
            """
        case .session:
            """
            session sessionid sessionuuid session.id authenticationcontext.externalsessionid sessionkey \
            actor.sessionid
            """
        case .trace:
            "traceid trace correlationid requestid request.id data.request.id transaction.id insertid uuid"
        case .sequence:
            "sequence sequencenumber seq recordid event.recordid metadata.offset"
        }
    }

    private var names: String {
        switch self {
        case .time:
            """
            timestamp time createdat eventtime createddatetime creationtimestamp starttime submittedat updatedat at \
            created updatetime
            """
        case .actor:
            """
            principalemail userprincipalname emailaddress email username userid login adminid principalid principal \
            alternateid actoralternateid accountname serviceprincipalid appid identity owner callername computername \
            agentid actorid author pusher affectedemailaddress upn httpschemasxmlsoaporgws200505identityclaimsname \
            httpschemasxmlsoaporgws200505identityclaimsemailaddress grantedto clientid customeridstring \
            calleripaddress callerip remoteip clientip ipaddress sourceip serviceaccount business accountid \
            organizationid groupid orgname orgid tenantid projectid resourceid customerid recipientaccountid \
            sourceipaddress ip
            """
        case .action:
            """
            methodname eventtype operationname action operation activitydisplayname eventname actionname type \
            permission privilege actiontype eventtypeid requesttype ref
            """
        case .target:
            """
            resourcename resourceid fullname targetname targetid objectname objectid filename filepath path uri url \
            docid groupemail rolename applicationname granteename displayname appid itemid computername hostname \
            envelopeid accountname categorytype auditlogtype category projectid accountid orgid orgname groupid \
            tenantid organizationid customerid name id serviceid application servicename description source country \
            permission business eventsource ref producer usertype clientid email customeridstring \
            recipientaccountid privilegename
            """
        case .address:
            "ipaddress clientip sourceip callerip remoteip ip"
        case .userAgent:
            "useragent rawuseragent"
        default: ""
        }
    }
}
