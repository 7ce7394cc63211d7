/// Where audit records usually keep things, in folded paths (``RecordFields``), the most telling first.
///
/// `paths` are whole paths; `names` are last names to look for at any depth when no path is there.
struct UsualNames: Sendable {
    let paths: [String]
    let names: [String]

    private init(_ paths: String, names: String = "") {
        self.paths = paths.split(separator: " ").map(String.init)
        self.names = names.split(separator: " ").map(String.init)
    }

    static let time = UsualNames(
        """
        timestamp time eventtime ts attimestamp createdat published creationtime creationdate id.time event.time isotimestamp \
        metadata.eventcreationtime generateddatetime createddatetime protopayload.requestmetadata.requestattributes.time \
        receivetimestamp attributes.time created createdon datetime date eventdate timecreated occurredat startedat \
        insertionepochtimestamp timestampderived
        """,
        names: """
            timestamp time createdat eventtime createddatetime creationtimestamp starttime submittedat updatedat at created \
            updatetime
            """,
    )

    static let source = UsualNames(
        """
        source.name sourcename logname servicename protopayload.servicename sourcetype logger application.name application app \
        service product id.applicationname channel
        """
    )

    static let actor = UsualNames(
        """
        actor.email actor.emailaddress actor.alternateid actor.user.email actor.admin.email actor.attributes.email \
        attributes.actor.email attributes.actor.id actor.login actor.username actor.userid actor.apikeyid actor.id actor.name \
        actor protopayload.authenticationinfo.principalemail protopayload.authenticationinfo.principalsubject \
        useridentity.arn identity.arn properties.userprincipalname properties.initiatedby.user.userprincipalname \
        properties.initiatedby.user.id properties.initiatedby.app.displayname properties.initiatedby.app.appid \
        properties.serviceprincipalname properties.useragent.userprincipalname userprincipalname createdby.emailaddress \
        createdby.email createdby.id sender.login \
        sender.email user.email user.emailaddress user.login user.username user.name user.id targetuser.email user username \
        useremail loginname operator admin adminid event.adminid event.userid event.user event.username requester userid \
        event.username principal principalid subject initiator.email initiator.id initiator new.employee.email data.email \
        data.senderemail data.username data.userid grantedby urnormalized login account.email serviceaccount.id \
        metadata.userid metadata.username
        """,
        names: """
            principalemail userprincipalname emailaddress email username userid login adminid principalid principal \
            alternateid actoralternateid accountname serviceprincipalid appid identity owner callername computername agentid \
            actorid author pusher affectedemailaddress upn httpschemasxmlsoaporgws200505identityclaimsname \
            httpschemasxmlsoaporgws200505identityclaimsemailaddress grantedto clientid customeridstring calleripaddress callerip remoteip clientip ipaddress \
            sourceip serviceaccount business accountid organizationid groupid orgname orgid tenantid projectid resourceid customerid
            """,
    )

    static let actorKind = UsualNames(
        "actor.type actor.actortype actor.callertype actor.tag user.type actortype usertype"
    )
    static let actorName = UsualNames(
        "actor.displayname actor.name actor.user.displayname user.displayname user.name createdby.name username"
    )

    static let action = UsualNames(
        """
        protopayload.methodname actionname eventname eventtype eventtype.tag operationname operation.name event.operationname \
        event.action attributes.action action operation event.eventtype event.name metadata.eventtype event.type event \
        auditlogevent activity activitytype verb method type name category object description
        """,
        names: """
            methodname eventtype operationname action operation activitydisplayname eventname actionname type permission \
            privilege actiontype eventtypeid requesttype ref
            """,
    )

    static let target = UsualNames(
        """
        target.id target.alternateid target.name target protopayload.resourcename resource.name resource.gid resource.id \
        resource.labels.instanceid resource.labels.bucketname targets.id resourceid resource repository.fullname repo \
        repository object.id object.name itemuuid assets.path.contextual assets.displayname objectid properties.targetresources.id \
        properties.resourcedisplayname properties.resourceid parameters.docid parameters.calendarid parameters.groupemail \
        parameters.rolename parameters.useremail parameters.applicationname parameters.settingname data.envelopeid object \
        bucket claudechatid targetuser.email workflowrun.id connectedappname operationdetail requesturl uri \
        actionparameters.input.id modelid application.name auditlogevent event.resource event.objectname orgid groupid org \
        organizationid organization.login organizationlogin
        """,
        names: """
            resourcename resourceid fullname targetname targetid objectname objectid filename filepath path uri url docid \
            groupemail rolename applicationname granteename displayname appid itemid computername hostname envelopeid \
            accountname categorytype auditlogtype category projectid accountid orgid orgname groupid tenantid \
            organizationid customerid name id serviceid application servicename description source country permission business \
            eventsource ref producer usertype clientid email
            """,
    )

    static let targetKind = UsualNames(
        """
        target.type resource.type resource.resourcetype targets.type resourcetype targetresources.type objecttype \
        object.type eventcategory categorytype assets.tag
        """
    )
    static let targetName = UsualNames(
        "target.displayname target.name resource.displayname resource.name targets.displayname"
    )

    static let outcome = UsualNames(
        """
        outcome outcome.result result event.result actionresult properties.result resulttype status protopayload.status.code \
        loginstatus outcome.status conclusion workflowrun.conclusion properties.status.errorcode status.errorcode httpstatus \
        statuscode responsestatus.code response.statuscode success event.success properties.conditionalaccessstatus \
        resultsignature event.status errorcode error category
        """
    )
    static let outcomeCode = UsualNames(
        "errorcode error.code error outcome.code protopayload.status.code httpstatus statuscode"
    )
    static let outcomeReason = UsualNames(
        "outcome.reason reason error.message protopayload.status.message errormessage resultdescription"
    )

    static let address = UsualNames(
        """
        sourceip clientip actor.ipaddress client.ipaddress context.clientipaddress ipaddress source.ip calleripaddress \
        protopayload.requestmetadata.callerip origin.geolocation.ipaddress accessdevice.ip remoteip requestip actorip \
        event.clientip event.userip data.request.ip new.sourceipaddress properties.ipaddress sourceipaddress client.ip clientaddress ip
        """,
        names: "ipaddress clientip sourceip callerip remoteip ip",
    )
    static let userAgent = UsualNames(
        """
        useragent client.useragent.rawuseragent actor.useragent context.useragent source.useragent requestuseragent \
        protopayload.requestmetadata.callersupplieduseragent data.request.useragent properties.useragent new.useragent \
        parameters.useragent client.useragent browsertype
        """,
        names: "useragent rawuseragent",
    )
    static let session = UsualNames(
        "session sessionid sessionuuid session.id authenticationcontext.externalsessionid sessionkey actor.sessionid"
    )
    static let trace = UsualNames(
        "traceid trace correlationid requestid request.id data.request.id transaction.id insertid uuid"
    )
    static let sequence = UsualNames("sequence sequencenumber seq recordid event.recordid metadata.offset")
}
